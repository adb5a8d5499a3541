/**
 * Reads a Python pickle as data. Python's own reader runs any function that the file names; this one runs nothing: it knows a closed list
 * of opcodes and of names, everything else is an error that says what was asked for. Opcodes: Python's Lib/pickletools.py.
 */

import { PatchslimError } from '@patchslim/tensor';
import { quoted, refused } from '../containers/checkpoint-error.js';
import { ByteCursor } from './byte-cursor.js';
import { opcodes, opcodeNames } from './opcodes.js';
import {
  PersistentId,
  PickleDict,
  PickleGlobal,
  PickleObject,
  PickleTuple,
  type PickleGlobals,
} from './pickle-values.js';

/** A value, and where its pickle ends: files may hold several in a row. */
export interface Unpickled {
  readonly value: unknown;
  readonly end: number;
}

/** What reading a pickle takes besides its bytes. */
export interface PickleContext {
  /** The closed list of names. */
  readonly globals: PickleGlobals;
  /** What errors call the file. */
  readonly file: string;
  /** Is shown each reference to what lies outside of the pickle. */
  readonly onPersistentId?: (id: PersistentId) => void;
}

/** Far above any checkpoint; each takes some memory, however few bytes it has in the file. */
const mostValues = 1_000_000;

/** Begins a group on the stack. */
const mark = Symbol('mark');

/**
 * Reads one pickle that begins at `start`.
 *
 * @throws `CHECKPOINT_INVALID` for opcodes and names outside the closed lists, and for bytes that are no pickle; its detail `truncated` is
 * true when more bytes are needed
 */
export function readPickle(bytes: Uint8Array, context: PickleContext, start = 0): Unpickled {
  const { file } = context;
  const cursor = new ByteCursor(bytes, start, file);
  const machine = new Machine(cursor, context);
  for (;;) {
    const at = cursor.offset;
    const opcode = cursor.byte();
    if (opcode === opcodes.STOP) return { value: machine.finish(), end: cursor.offset };
    const step = Object.hasOwn(steps, opcode) ? steps[opcode] : undefined;
    if (!step) {
      const name = opcodeNames[opcode] ?? `0x${opcode.toString(16).padStart(2, '0')}`;
      throw refused(file, `byte ${at}: the pickle opcode ${name} is not read: weights do not need it`, { byte: at, opcode: name }); // prettier-ignore
    }
    step(machine);
  }
}

/** Whether an error of `readPickle` says that the bytes end too early. */
export function isTruncated(error: unknown): boolean {
  return error instanceof PatchslimError && error.details['truncated'] === true;
}

class Machine {
  readonly stack: unknown[] = [];
  readonly memo = new Map<number, unknown>();
  constructor(
    readonly cursor: ByteCursor,
    private readonly context: PickleContext,
  ) {}

  fail(problem: string, details: Record<string, unknown> = {}): PatchslimError {
    return refused(this.context.file, `byte ${this.cursor.offset}: ${problem}`, details);
  }

  private made = 0;

  push(value: unknown): void {
    if (++this.made > mostValues) throw this.fail(`expected at most ${mostValues} values in a pickle`);
    this.stack.push(value);
  }

  pop(): unknown {
    if (this.stack.length === 0) throw this.fail('the pickle takes a value from an empty stack');
    const value = this.stack.pop();
    if (value === mark) throw this.fail('the pickle takes a value where a group begins');
    return value;
  }

  top(): unknown {
    const value = this.stack.at(-1);
    if (this.stack.length === 0 || value === mark)
      throw this.fail('the pickle lacks the value that it changes');
    return value;
  }

  /** The values since the last mark, which goes too. */
  group(): unknown[] {
    const start = this.stack.lastIndexOf(mark);
    if (start < 0) throw this.fail('the pickle ends a group that never began');
    const items = this.stack.splice(start);
    items.shift();
    return items;
  }

  tuple(count: number): void {
    const items = Array.from({ length: count }, () => this.pop()).reverse();
    this.push(new PickleTuple(items));
  }

  remember(index: number): void {
    this.memo.set(index, this.top());
  }

  recall(index: number): void {
    if (!this.memo.has(index)) throw this.fail(`the pickle recalls value ${index}, which it never kept`);
    this.push(this.memo.get(index));
  }

  global(module: unknown, name: unknown): void {
    if (typeof module !== 'string' || typeof name !== 'string') throw this.fail('the pickle names no text');
    const full = `${module}.${name}`;
    const found = this.context.globals.get(full);
    if (!found) {
      const hint =
        'it was not run. If the file is trusted, save only the weights in Python: ' +
        'torch.save(model.state_dict(), …) or safetensors.torch.save_file';
      throw this.fail(`the file asks for ${quoted(full)}, which weights do not need; ${hint}`, { name: full.slice(0, 200) }); // prettier-ignore
    }
    this.push(found);
  }

  reduce(): void {
    const args = this.pop();
    const called = this.pop();
    if (!(args instanceof PickleTuple)) throw this.fail('the pickle calls with what is no tuple');
    if (!(called instanceof PickleGlobal)) throw this.fail('the pickle calls what is no name');
    if (!called.build) throw this.fail(`the pickle calls ${called.name}, which is data`);
    this.push(this.built(called, args.items));
  }

  private built(called: PickleGlobal, args: readonly unknown[]): unknown {
    try {
      return called.build!(args);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw this.fail(`${called.name}: ${error.message}`);
    }
  }

  persistent(): void {
    const id = new PersistentId(this.pop());
    try {
      this.context.onPersistentId?.(id);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw this.fail(error.message);
    }
    this.push(id);
  }

  /** The state that an object is given after it was made. Attributes of a dict (`_metadata`) are of no use here. */
  build(): void {
    const state = this.pop();
    const target = this.top();
    if (target instanceof PickleObject) target.state = state;
    else if (!(target instanceof PickleDict)) throw this.fail('the pickle gives a state to what takes none');
  }

  setItems(items: readonly unknown[]): void {
    const target = this.top();
    if (!(target instanceof PickleDict) || items.length % 2 !== 0) {
      throw this.fail('the pickle sets items of what is no dict, or a key without a value');
    }
    for (let i = 0; i < items.length; i += 2) target.entries.set(items[i], items[i + 1]);
  }

  append(items: readonly unknown[]): void {
    const target = this.top();
    if (!Array.isArray(target)) throw this.fail('the pickle appends to what is no list');
    for (const item of items) target.push(item);
  }

  finish(): unknown {
    const value = this.pop();
    if (this.stack.length > 0) throw this.fail('the pickle leaves values behind');
    return value;
  }
}

type Step = (m: Machine) => void;

const bytes =
  (length: number): Step =>
  (m) =>
    m.push(m.cursor.take(m.cursor.unsigned(length)));
const latin =
  (length: number): Step =>
  (m) =>
    m.push(m.cursor.latin(m.cursor.unsigned(length)));
const utf8 =
  (length: number): Step =>
  (m) =>
    m.push(m.cursor.utf8(m.cursor.unsigned(length)));

const steps: Readonly<Record<number, Step>> = {
  [opcodes.PROTO]: (m) => {
    const protocol = m.cursor.byte();
    if (protocol > 5) throw m.fail(`pickle protocol ${protocol} is not known`);
  },
  [opcodes.FRAME]: (m) => void m.cursor.unsigned(8),
  [opcodes.MARK]: (m) => m.push(mark),
  [opcodes.POP]: (m) => {
    if (m.stack.pop() === undefined && m.stack.length === 0)
      throw m.fail('the pickle drops what is not there');
  },
  [opcodes.POP_MARK]: (m) => void m.group(),
  [opcodes.DUP]: (m) => m.push(m.top()),
  [opcodes.NONE]: (m) => m.push(null),
  [opcodes.NEWTRUE]: (m) => m.push(true),
  [opcodes.NEWFALSE]: (m) => m.push(false),
  [opcodes.BININT]: (m) => m.push(m.cursor.int32()),
  [opcodes.BININT1]: (m) => m.push(m.cursor.byte()),
  [opcodes.BININT2]: (m) => m.push(m.cursor.unsigned(2)),
  [opcodes.LONG1]: (m) => m.push(m.cursor.long(m.cursor.byte())),
  [opcodes.LONG4]: (m) => m.push(m.cursor.long(m.cursor.unsigned(4))),
  [opcodes.BINFLOAT]: (m) => m.push(m.cursor.float64()),
  [opcodes.SHORT_BINSTRING]: latin(1),
  [opcodes.BINSTRING]: latin(4),
  [opcodes.SHORT_BINUNICODE]: utf8(1),
  [opcodes.BINUNICODE]: utf8(4),
  [opcodes.BINUNICODE8]: utf8(8),
  [opcodes.SHORT_BINBYTES]: bytes(1),
  [opcodes.BINBYTES]: bytes(4),
  [opcodes.BINBYTES8]: bytes(8),
  [opcodes.EMPTY_TUPLE]: (m) => m.tuple(0),
  [opcodes.TUPLE1]: (m) => m.tuple(1),
  [opcodes.TUPLE2]: (m) => m.tuple(2),
  [opcodes.TUPLE3]: (m) => m.tuple(3),
  [opcodes.TUPLE]: (m) => m.push(new PickleTuple(m.group())),
  [opcodes.EMPTY_LIST]: (m) => m.push([]),
  [opcodes.LIST]: (m) => m.push(m.group()),
  [opcodes.APPEND]: (m) => m.append([m.pop()]),
  [opcodes.APPENDS]: (m) => m.append(m.group()),
  [opcodes.EMPTY_DICT]: (m) => m.push(new PickleDict()),
  [opcodes.DICT]: (m) => {
    const items = m.group();
    m.push(new PickleDict());
    m.setItems(items);
  },
  [opcodes.SETITEM]: (m) => {
    const value = m.pop();
    m.setItems([m.pop(), value]);
  },
  [opcodes.SETITEMS]: (m) => m.setItems(m.group()),
  [opcodes.EMPTY_SET]: (m) => m.push([]),
  [opcodes.ADDITEMS]: (m) => m.append(m.group()),
  [opcodes.FROZENSET]: (m) => m.push(m.group()),
  [opcodes.BINPUT]: (m) => m.remember(m.cursor.byte()),
  [opcodes.LONG_BINPUT]: (m) => m.remember(m.cursor.unsigned(4)),
  [opcodes.MEMOIZE]: (m) => m.remember(m.memo.size),
  [opcodes.BINGET]: (m) => m.recall(m.cursor.byte()),
  [opcodes.LONG_BINGET]: (m) => m.recall(m.cursor.unsigned(4)),
  [opcodes.GLOBAL]: (m) => m.global(m.cursor.line(), m.cursor.line()),
  [opcodes.STACK_GLOBAL]: (m) => {
    const name = m.pop();
    m.global(m.pop(), name);
  },
  [opcodes.REDUCE]: (m) => m.reduce(),
  [opcodes.NEWOBJ]: (m) => m.reduce(),
  [opcodes.BUILD]: (m) => m.build(),
  [opcodes.BINPERSID]: (m) => m.persistent(),
};
