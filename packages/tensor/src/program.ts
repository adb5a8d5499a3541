/** Programs: functions over tensors, prepared once by a backend and run many times. */

import type { Backend } from './backend.js';
import { PatchslimError } from './errors.js';
import { describe, type HostTensor, type TensorSpec } from './host.js';
import { disposeAll, scope } from './memory.js';
import { reshape } from './ops/movement.js';
import { withoutValues, type Tensor } from './tensor.js';

/** Named tensors: the inputs and outputs of a program. */
export type Tensors<K extends string = string> = Readonly<Record<K, Tensor>>;
/** Shapes and element types by name. */
export type Specs<K extends string = string> = Readonly<Record<K, TensorSpec>>;
/** What can be compiled: named tensors to named tensors. */
export type ProgramFunction<I extends string, O extends string> = (inputs: Tensors<I>) => Tensors<O>;

/** A function over tensors, made ready to run many times. */
export interface Program<I extends string = string, O extends string = string> {
  readonly inputs: Specs<I>;
  readonly outputs: Specs<O>;
  /**
   * Runs once. The caller owns the results: always new tensors, one per name, also where the function returns an
   * input, a constant or one tensor under two names.
   * @throws `SHAPE_MISMATCH` for other inputs than compiled for, `INVALID_ARGUMENT` for tensors of another backend,
   * `DISPOSED` after `dispose`
   */
  run(inputs: Tensors<I>): Promise<Tensors<O>>;
  /** Gives compiled state back; live tensors are untouched. Harmless when called again. */
  dispose(): Promise<void>;
}

/** Places values of ordinary memory on a backend; when one is refused, those before it are given back. */
export function placeAll<K extends string>(
  backend: Backend,
  hosts: Readonly<Record<K, HostTensor>>,
): Record<K, Tensor> {
  return scope(backend, () => mapValues(hosts, (host: HostTensor) => backend.constant(host)));
}

/** Disposes of all programs, also when one of them fails to. @throws the first failure, at the end */
export async function disposePrograms(programs: Iterable<Pick<Program, 'dispose'>>): Promise<void> {
  const failures: unknown[] = [];
  for (const program of programs) await program.dispose().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

/**
 * Runs `body`. The programs that it hands to `own` are disposed of at the end, however it ends and each of them.
 * @throws what `body` throws; else the first failure to dispose of a program
 * @example
 * await withPrograms(async (own) => {
 *   const [dense, slimmed] = [own(await compile()), own(await compile(plan))];
 *   await compare(dense, slimmed);
 * });
 */
export async function withPrograms<T>(
  body: (own: <P extends Pick<Program, 'dispose'>>(program: P) => P) => Promise<T>,
): Promise<T> {
  const owned: Pick<Program, 'dispose'>[] = [];
  let result: T;
  try {
    result = await body((program) => {
      owned.push(program);
      return program;
    });
  } catch (error) {
    await disposePrograms(owned).catch(() => undefined); // the first error says more
    throw error;
  }
  await disposePrograms(owned);
  return result;
}

/** Runs a program on values in ordinary memory and leaves no tensor behind. */
export async function runOnHost<I extends string, O extends string>(
  backend: Backend,
  program: Program<I, O>,
  inputs: Readonly<Record<I, HostTensor>>,
): Promise<Record<O, HostTensor>> {
  const placed = placeAll(backend, inputs);
  try {
    const outputs = await program.run(placed);
    try {
      const entries = await Promise.all(
        Object.entries<Tensor>(outputs).map(async ([name, tensor]) => [name, await tensor.toHost()] as const),
      );
      return Object.fromEntries(entries) as Record<O, HostTensor>;
    } finally {
      disposeAll({ ...outputs });
    }
  } finally {
    disposeAll(placed);
  }
}

/** Throws unless `inputs` are exactly what a program was compiled for. `Backend.compile` sees to it before each run. */
export function checkProgramInputs(specs: Specs, inputs: Tensors): void {
  for (const [name, spec] of Object.entries(specs)) {
    const tensor = inputs[name];
    if (!tensor || describe(tensor) !== describe(spec)) {
      throw new PatchslimError(
        'SHAPE_MISMATCH',
        `run(): input '${name}' must be ${describe(spec)}, got ${tensor ? describe(tensor) : 'nothing'}`,
        { input: name },
      );
    }
  }
}

/** `Object.entries` for records of one value type. */
export function mapValues<K extends string, A, B>(
  record: Readonly<Record<K, A>>,
  map: (value: A, key: K) => B,
) {
  return Object.fromEntries(
    Object.entries<A>(record).map(([key, value]) => [key, map(value, key as K)]),
  ) as Record<K, B>;
}

/**
 * What `Backend.compile` does for every driver: hands `compile` a function whose outputs are its own, and guards the
 * program that comes back.
 */
export async function prepare<I extends string, O extends string>(
  backend: Backend,
  fn: ProgramFunction<I, O>,
  inputs: Specs<I>,
  compile: (own: ProgramFunction<I, O>) => Promise<Program<I, O>>,
): Promise<Program<I, O>> {
  const program = await compile((values) => scope(backend, () => ownOutputs(backend, fn(values))));
  let disposed = false;
  return {
    ...program,
    async run(values) {
      if (disposed) throw new PatchslimError('DISPOSED', `run(): the program was used after it was disposed`);
      checkProgramInputs(inputs, values);
      for (const [name, tensor] of Object.entries<Tensor>(values)) {
        if (tensor.backend === backend) continue;
        const owners = `a program of '${backend.name}' cannot take a tensor of '${tensor.backend.name}'`;
        throw new PatchslimError('INVALID_ARGUMENT', `run(): input '${name}': ${owners}`, { input: name });
      }
      return program.run(values);
    },
    async dispose() {
      if (disposed) return;
      disposed = true;
      await program.dispose();
    },
  };
}

/** The default compiler: `fn` runs once without values, to learn its outputs, and then for every run. */
export async function compileByRunning<I extends string, O extends string>(
  backend: Backend,
  fn: ProgramFunction<I, O>,
  inputs: Specs<I>,
): Promise<Program<I, O>> {
  const outputs = backend.dryRun(() =>
    scope(backend, () => {
      const trial = fn(
        mapValues(inputs, ({ shape, dtype }: TensorSpec) => withoutValues(backend, shape, dtype)),
      );
      return mapValues<O, Tensor, TensorSpec>(trial, ({ shape, dtype }) => ({ shape, dtype }));
    }),
  );
  return Promise.resolve({
    inputs,
    outputs,
    run: (values) => Promise.resolve(fn(values)),
    dispose: () => Promise.resolve(),
  });
}

/** Replaces outputs that belong to someone else (inputs, constants) or come twice by tensors of their own. */
function ownOutputs<O extends string>(backend: Backend, outputs: Tensors<O>): Tensors<O> {
  const taken = new Set<Tensor>();
  return mapValues(outputs, (tensor) => {
    const own = backend.memory.inScope(tensor) && !taken.has(tensor);
    taken.add(tensor);
    return own ? tensor : reshape(tensor, tensor.shape);
  });
}
