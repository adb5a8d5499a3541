/**
 * Compiles a training step into one program for each loss: forward pass, backward pass, clipping and the optimiser's update.
 * Parameters and optimiser state stay on the backend between steps.
 */

import {
  add,
  disposeAll,
  disposePrograms,
  div,
  float32,
  mapTensors,
  minimum,
  mul,
  PatchslimError,
  placeAll,
  scope,
  sizeOf,
  slice,
  sqrt,
  sum,
  tensorsIn,
  valueAndGrad,
  type Backend,
  type HostTensor,
  type Program,
  type Specs,
  type Tensor,
  type Tensors,
} from '@patchslim/tensor';
import type { Optimizer } from './optimizer.js';

/** Options of `createTrainer`. */
export interface TrainerOptions<T, I extends string> {
  readonly backend: Backend;
  /** Initial values: tensors in plain arrays and objects. The trainer copies them; the caller keeps ownership. */
  readonly params: T;
  /** Specs of the inputs of one step. */
  readonly inputs: Specs<I>;
  /** The scalar to minimise. Of several, the steps take one after the other. */
  readonly loss: Loss<T, I> | readonly Loss<T, I>[];
  readonly optimizer: Optimizer;
  /** Maximum global gradient norm; larger gradients are scaled down to it. By default no clipping. */
  readonly clip?: number | undefined;
}

/** A scalar of the parameters and the inputs of one step. Tensors that it closes over are constants. */
export type Loss<T, I extends string> = (params: T, inputs: Tensors<I>) => Tensor;

/** The result of one step. */
export interface StepResult {
  /** Loss before the update. */
  readonly loss: number;
  /** Global gradient norm, before clipping. */
  readonly gradientNorm: number;
}

/** Everything that training changes, in ordinary memory: parameters, then the optimiser's slots parameter by parameter. */
export interface TrainerState {
  readonly steps: number;
  readonly params: readonly HostTensor<'float32'>[];
  readonly slots: readonly HostTensor<'float32'>[];
}

/** A compiled step, and the parameters that it updates. */
export interface Trainer<T, I extends string> {
  /** Number of steps so far. */
  readonly steps: number;
  /** The current parameters. The trainer owns them: they are valid until the next step. */
  readonly params: T;
  /**
   * Runs one step on one batch.
   * @throws NUMERICAL when the loss or a gradient is not finite; the parameters then stay unchanged
   */
  step(inputs: Readonly<Record<I, HostTensor>>, rate: number): Promise<StepResult>;
  state(): Promise<TrainerState>;
  /** @throws SHAPE_MISMATCH for a state of other parameters or another optimiser */
  restore(state: TrainerState): void;
  dispose(): Promise<void>;
}

/**
 * Compiles a training step: forward pass, gradients, clipping and update as one program for each loss. Parameters stay on the
 * backend.
 *
 * @throws errors of `loss` and of `compile`
 */
export async function createTrainer<T, I extends string>(
  options: TrainerOptions<T, I>,
): Promise<Trainer<T, I>> {
  const { backend, inputs, optimizer } = options;
  const start = tensorsIn(options.params);
  const copies = await Promise.all(start.map((tensor) => tensor.toHost() as Promise<HostTensor<'float32'>>));
  const zeros = start.flatMap(({ shape }) =>
    Array.from({ length: optimizer.slots }, () => float32(shape, new Float32Array(sizeOf(shape)))),
  );
  let live = scope(backend, () => copies.concat(zeros).map((host) => backend.constant(host)));
  let steps = 0;
  const names = live.map((_, i) => stateName(i));
  const rates = float32([1 + optimizer.scalars(1).length], [0, ...optimizer.scalars(1)]);
  const specs: Specs = {
    ...inputs,
    [rateName]: rates,
    ...Object.fromEntries(live.map(({ shape, dtype }, i) => [stateName(i), { shape, dtype }])),
  };
  const programs: Program[] = [];
  try {
    for (const loss of [options.loss].flat())
      programs.push(
        await backend.compile((values) => trainingStep({ ...options, loss }, start.length, values), specs),
      );
  } catch (error) {
    disposeAll(live);
    await disposePrograms(programs);
    throw error;
  }

  const replace = (next: readonly Tensor[]): void => {
    disposeAll(live);
    live = [...next];
  };
  return {
    get steps() {
      return steps;
    },
    get params() {
      let next = 0;
      return mapTensors(options.params, () => live[next++]!);
    },
    async step(batch, rate) {
      const scalars = float32(rates.shape, [rate, ...optimizer.scalars(steps + 1)]);
      const given = { ...batch, [rateName]: scalars } as Record<string, HostTensor>;
      const placed = placeAll(backend, given);
      try {
        const state = Object.fromEntries(names.map((name, i) => [name, live[i]!]));
        const outputs = await programs[steps % programs.length]!.run({ ...placed, ...state });
        const next = names.map((name) => outputs[name]!);
        const [loss, gradientNorm] = await readNumbers([outputs['loss']!, outputs['gradientNorm']!]).catch(
          (error: unknown) => {
            disposeAll({ ...outputs });
            throw error;
          },
        );
        disposeAll([outputs['loss'], outputs['gradientNorm']]);
        if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
          disposeAll(next);
          throw new PatchslimError(
            'NUMERICAL',
            `step ${steps + 1}: loss ${loss}, gradient norm ${gradientNorm}; the parameters stay unchanged`,
            { step: steps + 1, loss, gradientNorm },
          );
        }
        replace(next);
        steps++;
        return { loss: loss!, gradientNorm: gradientNorm! };
      } finally {
        disposeAll(placed);
      }
    },
    async state() {
      const hosts = await Promise.all(
        live.map((tensor) => tensor.toHost() as Promise<HostTensor<'float32'>>),
      );
      return { steps, params: hosts.slice(0, start.length), slots: hosts.slice(start.length) };
    },
    restore(state) {
      const hosts = [...state.params, ...state.slots];
      checkState(live, hosts);
      replace(
        scope(backend, () => hosts.map((host) => backend.constant({ ...host, data: host.data.slice() }))),
      );
      steps = state.steps;
    },
    async dispose() {
      replace([]);
      await disposePrograms(programs);
    },
  };
}

const rateName = 'rates';
const stateName = (index: number): string => `state${index}`;

function trainingStep<T, I extends string>(
  { backend, params: tree, loss, optimizer, clip }: TrainerOptions<T, I> & { readonly loss: Loss<T, I> },
  count: number,
  values: Tensors,
): Tensors {
  const state = (index: number): Tensor => values[stateName(index)]!;
  const params = Array.from({ length: count }, (_, i) => state(i));
  let next = 0;
  const named = mapTensors(tree, () => params[next++]!);
  const { value, grads } = valueAndGrad(backend, params, () => loss(named, values));
  return backend.within('update', () => {
    const norm = sqrt(grads.map((grad) => sum(mul(grad, grad))).reduce((a, b) => add(a, b)));
    const factor =
      clip === undefined
        ? undefined
        : minimum(div(backend.constant(float32([], [clip])), add(norm, 1e-6)), 1);
    const [rate, ...scalars] = Array.from({ length: values[rateName]!.shape[0]! }, (_, i) =>
      slice(values[rateName]!, [i], [1]),
    );
    const outputs: Record<string, Tensor> = { loss: value, gradientNorm: norm };
    for (const [i, param] of params.entries()) {
      const gradient = factor ? mul(grads[i]!, factor) : grads[i]!;
      const first = count + i * optimizer.slots;
      const slots = Array.from({ length: optimizer.slots }, (_, k) => state(first + k));
      const updated = optimizer.update(param, gradient, slots, rate!, scalars);
      outputs[stateName(i)] = updated.param;
      for (const [k, slot] of updated.slots.entries()) outputs[stateName(first + k)] = slot;
    }
    return outputs;
  });
}

const readNumbers = (tensors: readonly Tensor[]): Promise<number[]> =>
  Promise.all(tensors.map(async (tensor) => (await tensor.data())[0]!));

function checkState(live: readonly Tensor[], hosts: readonly HostTensor[]): void {
  const shapes = (tensors: readonly { shape: readonly number[] }[]) =>
    tensors.map(({ shape }) => `[${shape.join(',')}]`);
  const [expected, got] = [shapes(live), shapes(hosts)];
  const differing = expected.findIndex((shape, i) => shape !== got[i]);
  if (expected.length === got.length && differing < 0) return;
  throw new PatchslimError(
    'SHAPE_MISMATCH',
    `restore(): the state belongs to other parameters: expected ${expected.length} tensors, got ${got.length}` +
      (differing >= 0 ? `; tensor ${differing}: expected ${expected[differing]}, got ${got[differing]}` : ''),
  );
}
