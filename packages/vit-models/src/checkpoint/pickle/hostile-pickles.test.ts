/** Pickles that run code in Python: each is refused by name, and nothing runs. */

import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { zipOf } from '../../../test/zip.js';
import { fromPretrained } from '../from-pretrained.js';

const marker = join(tmpdir(), `patchslim-hostile-${process.pid}`);

const text = (value: string) => Buffer.concat([Buffer.from([0x58]), u32(value.length), Buffer.from(value)]);
const short = (value: string) => Buffer.concat([Buffer.from([0x8c, value.length]), Buffer.from(value)]);
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const proto = Buffer.from([0x80, 2]);
const raw = (...parts: (string | Buffer)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));
const shell = text(`touch ${marker}`);
const python = text(`open('${marker}', 'w')`);
const js = text(`require('node:fs').writeFileSync('${marker}', '')`);

/** `module.name(argument)`, as `__reduce__` makes it. */
const call = (global: string, ...args: Buffer[]) => raw(`c${global}\n`, '(', ...args, 'tR');

const hostile: readonly (readonly [name: string, pickle: Buffer, named: string])[] = [
  ['os.system', call('os\nsystem', shell), 'os.system'],
  ['posix.system', call('posix\nsystem', shell), 'posix.system'],
  ['nt.system', call('nt\nsystem', shell), 'nt.system'],
  ['subprocess.Popen', call('subprocess\nPopen', shell), 'subprocess.Popen'],
  ['eval', call('builtins\neval', python), 'builtins.eval'],
  ['exec of Python 2', call('__builtin__\nexec', python), '__builtin__.exec'],
  ['open', call('builtins\nopen', text(marker), text('w')), 'builtins.open'],
  ['getattr', call('builtins\ngetattr', shell, text('x')), 'builtins.getattr'],
  ['import', call('builtins\n__import__', text('os')), 'builtins.__import__'],
  ['importlib', call('importlib\nimport_module', text('os')), 'importlib.import_module'],
  ['runpy', call('runpy\nrun_path', text(marker)), 'runpy.run_path'],
  ['compile', call('builtins\ncompile', python), 'builtins.compile'],
  ['torch.load', call('torch\nload', text(marker)), 'torch.load'],
  ['torch.hub', call('torch.hub\nload', text('owner/name')), 'torch.hub.load'],
  ['numpy.load', call('numpy\nload', text(marker)), 'numpy.load'],
  ['operator.attrgetter', call('operator\nattrgetter', text('system')), 'operator.attrgetter'],
  ['functools.partial', call('functools\npartial', shell), 'functools.partial'],
  ['a socket', call('socket\ncreate_connection', text('127.0.0.1')), 'socket.create_connection'],
  ['STACK_GLOBAL', raw(short('os'), short('system'), '\x93(', shell, 'tR'), 'os.system'],
  ['INST', raw('(', shell, 'ios\nsystem\n'), 'INST'],
  ['OBJ', raw('(cos\nsystem\n', shell, 'o'), 'os.system'],
  ['OBJ of what is known', raw('(ccollections\nOrderedDict\n', shell, 'o'), 'OBJ'],
  ['NEWOBJ', raw('csubprocess\nPopen\n', shell, '\x85\x81'), 'subprocess.Popen'],
  ['NEWOBJ_EX', raw('cargparse\nNamespace\n', ')}\x92'), 'NEWOBJ_EX'],
  ['EXT1', raw('\x82\x01'), 'EXT1'],
  ['a text of protocol 0', raw("S'x'\n"), 'STRING'],
  ['BUILD of a dict of names', raw('ctorch\nTensor\n}b'), 'takes none'],
  ['a name with dots', raw('ccollections\nOrderedDict.__init__\n'), 'collections.OrderedDict.__init__'],
  ['a dtype called', call('torch\nfloat32', shell), 'torch.float32'],
  ['a value called', raw(shell, '(', shell, 'tR'), 'calls what is no name'],
  ['JavaScript: Function', call('Function\nconstructor', js), 'Function.constructor'],
  ['JavaScript: process', call('process\nbinding', js), 'process.binding'],
  ['JavaScript: prototypes', raw('c__proto__\nconstructor\n'), '__proto__.constructor'],
  [
    'rebuild by another function',
    call('torch._tensor\n_rebuild_from_type_v2', raw('cos\nsystem\n')),
    'os.system',
  ],
  ['rebuild by a known function', call('torch._tensor\n_rebuild_from_type_v2', raw('ccollections\nOrderedDict\n'), raw('ctorch\nTensor\n'), raw(')'), raw('}')), 'expected a tensor'], // prettier-ignore
];

/** After the call a dict of weights, as real attacks have it, so that the file looks whole. */
const wholePickle = (pickle: Buffer) => raw(proto, pickle, '0}.');

const magic = raw(proto, '\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.', proto, 'M\xe9\x03.');

const containers = {
  zip: (pickle: Buffer) =>
    zipOf({ 'archive/data.pkl': wholePickle(pickle), 'archive/version': Buffer.from('3\n') }),
  'older file': (pickle: Buffer) => new Uint8Array(raw(magic, proto, '}', text('little_endian'), '\x88s.', wholePickle(pickle))), // prettier-ignore
};

describe.each(Object.entries(containers))('%s', (_, wrap) => {
  it.each(hostile)('%s is refused by name, and nothing runs', async (_name, pickle, named) => {
    const error: unknown = await fromPretrained(wrap(pickle), { heads: 1 }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'CHECKPOINT_INVALID' });
    expect(String(error)).toContain(named);
    expect(existsSync(marker)).toBe(false);
  });
});

describe('pickles that would fill the memory', () => {
  const rss = () => process.memoryUsage.rss();
  const cheap = async (pickle: Buffer, message: RegExp) => {
    const before = rss();
    await expect(fromPretrained(containers.zip(pickle), { heads: 1 })).rejects.toThrow(message);
    expect(rss() - before).toBeLessThan(600e6);
  };

  it.each([
    ['millions of dicts', raw(Buffer.alloc(5_000_000, '}')), /at most 1000000 values/],
    [
      'a text longer than the file',
      raw('\x8d', Buffer.from([0, 0, 0, 0, 0, 1, 0, 0])),
      /expected \d+ more bytes/,
    ],
    ['bytes longer than any file', raw('\x8e', Buffer.alloc(8, 0xff)), /a length of/],
    ['a dict in itself', raw('}q\x00', text('model'), 'h\x00s', ' '.trim()), /holds no tensors|no dict/],
  ] as const)('%s', (_, pickle, message) => cheap(pickle, message));

  it('lists within lists, many times over', () => {
    // Each holds the one before ten times; printed or copied, it would be 10³⁰ values.
    const level = raw('(', 'h\x00'.repeat(10), 'lq\x00');
    return cheap(raw(']q\x00', ...Array.from({ length: 30 }, () => level)), /holds no tensors|leaves values/);
  });
});
