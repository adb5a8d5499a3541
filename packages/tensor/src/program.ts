/** Programs: a backend prepares a function over tensors once and runs it many times. */

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
/** A function that can be compiled: named tensors to named tensors. */
export type ProgramFunction<I extends string, O extends string> = (inputs: Tensors<I>) => Tensors<O>;

/** A compiled function over tensors. */
export interface Program<I extends string = string, O extends string = string> {
  readonly inputs: Specs<I>;
  readonly outputs: Specs<O>;
  /**
   * Runs once. The caller owns the results: always new tensors, one per name, even if the function returns an
   * input, a constant or one tensor under two names.
   * @throws `SHAPE_MISMATCH` for inputs that do not match the compiled specs, `INVALID_ARGUMENT` for tensors of another backend,
   * `DISPOSED` after `dispose`
   */
  run(inputs: Tensors<I>): Promise<Tensors<O>>;
  /** Releases the compiled state; live tensors are untouched. Further calls do nothing. */
  dispose(): Promise<void>;
}

/** Copies host tensors to a backend; if one fails, disposes the earlier ones. */
export function placeAll<K extends string>(
  backend: Backend,
  hosts: Readonly<Record<K, HostTensor>>,
): Record<K, Tensor> {
  return scope(backend, () => mapValues(hosts, (host: HostTensor) => backend.constant(host)));
}

/** Disposes all programs, even if one fails. @throws the first failure, at the end */
export async function disposePrograms(programs: Iterable<Pick<Program, 'dispose'>>): Promise<void> {
  const failures: unknown[] = [];
  for (const program of programs) await program.dispose().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

/**
 * Runs `body` and then disposes every program that it passed to `own`, also on a throw.
 * @throws errors of `body`; otherwise the first failure to dispose a program
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
    await disposePrograms(owned).catch(() => undefined); // the first error is more informative
    throw error;
  }
  await disposePrograms(owned);
  return result;
}

/** Runs a program on host tensors and returns host tensors; leaves no tensor on the backend. */
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

/** Throws unless `inputs` match the specs that a program was compiled for. Compiled programs call it before each run. */
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
 * The part of `Backend.compile` shared by all drivers: gives `compile` a function that owns its outputs, and guards the
 * returned program.
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

/** The default compiler: it calls `fn` once without values, to infer the outputs, and again in every run. */
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

/** Copies outputs that are inputs or constants, or that appear twice. */
function ownOutputs<O extends string>(backend: Backend, outputs: Tensors<O>): Tensors<O> {
  const taken = new Set<Tensor>();
  return mapValues(outputs, (tensor) => {
    const own = backend.memory.inScope(tensor) && !taken.has(tensor);
    taken.add(tensor);
    return own ? tensor : reshape(tensor, tensor.shape);
  });
}
