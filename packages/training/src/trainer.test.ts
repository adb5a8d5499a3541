import { createOnnxBackend } from '@patchslim/backend-onnx';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import {
  add,
  disposeAll,
  float32,
  isPatchslimError,
  mul,
  sum,
  type Backend,
  type Tensor,
} from '@patchslim/tensor';
import { expect, it } from 'vitest';
import { lineBatch, lineLoss, solution, specs, startingLine, type Line } from '../test/regression.js';
import { adamW, createTrainer, sgd, type Loss, type Optimizer } from './index.js';

const lineTrainer = async (optimizer: Optimizer, clip?: number) => {
  const backend = await createOnnxBackend(); // float32: the reference backend keeps more digits than a saved state
  return createTrainer({
    backend,
    params: startingLine(backend),
    inputs: specs,
    loss: lineLoss,
    optimizer,
    clip,
  });
};

const values = async (tensor: Tensor): Promise<number[]> => [...(await tensor.data())];

it.each([
  ['AdamW', adamW({ weightDecay: 0 }), 0.05],
  ['SGD with momentum', sgd(), 0.05],
  ['plain SGD', sgd({ momentum: 0 }), 0.3],
])('%s solves a linear regression', async (_, optimizer, rate) => {
  const trainer = await lineTrainer(optimizer);
  for (let step = 0; step < 300; step++) await trainer.step(lineBatch(step), rate);
  expect(trainer.steps).toBe(300);
  const [weight, bias] = [await values(trainer.params.weight), await values(trainer.params.bias)];
  weight.forEach((value, i) => expect(value).toBeCloseTo(solution.weight[i]!, 1));
  bias.forEach((value, i) => expect(value).toBeCloseTo(solution.bias[i]!, 1));
  await trainer.dispose();
});

/** AdamW as in its paper, on plain numbers. */
function plainAdamW(weights: number[], gradients: number[][], rate: number, weightDecay: number): number[] {
  const [m, v] = [weights.map(() => 0), weights.map(() => 0)];
  let w = [...weights];
  gradients.forEach((gradient, step) => {
    w = w.map((value, i) => {
      m[i] = 0.9 * m[i]! + 0.1 * gradient[i]!;
      v[i] = 0.999 * v[i]! + 0.001 * gradient[i]! ** 2;
      const first = m[i] / (1 - 0.9 ** (step + 1));
      const second = v[i] / (1 - 0.999 ** (step + 1));
      return value - rate * (first / (Math.sqrt(second) + 1e-8) + weightDecay * value);
    });
  });
  return w;
}

/** A loss whose gradients with respect to both parameters are the inputs of the step. */
const givenGradient = (backend: Backend, optimizer: Optimizer, start: number[], clip?: number) =>
  createTrainer({
    backend,
    params: {
      matrix: backend.constant(float32([1, start.length], start)),
      vector: backend.constant(float32([start.length], start)),
    },
    inputs: { gradient: { shape: [start.length], dtype: 'float32' } },
    loss: ({ matrix, vector }, { gradient }) =>
      add(sum(mul(matrix, gradient), [0, 1]), sum(mul(vector, gradient), [0])),
    optimizer,
    clip,
  });

const expectClose = (got: number[], expected: number[]): void =>
  got.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6));

it.each([1, 0.25])(
  'matches AdamW, with decay only on matrices and their rate times %d',
  async (matrixRate) => {
    const start = [0.5, -1, 2];
    const gradients = [
      [1, -2, 0.1],
      [0.5, 0.5, -3],
      [0, 4, 1e-3],
    ];
    const trainer = await givenGradient(
      createReferenceBackend(),
      adamW({ weightDecay: 0.1, matrixRate }),
      start,
    );
    for (const gradient of gradients) await trainer.step({ gradient: float32([3], gradient) }, 0.01);
    expectClose(await values(trainer.params.matrix), plainAdamW(start, gradients, 0.01 * matrixRate, 0.1));
    expectClose(await values(trainer.params.vector), plainAdamW(start, gradients, 0.01, 0));
    await trainer.dispose();
  },
);

it('clips long gradients and reports their norm', async () => {
  const trainer = await givenGradient(createReferenceBackend(), sgd({ momentum: 0 }), [0, 0], 1);
  const gradient = float32([2], [3, 4]); // for two parameters: norm √50
  const { loss, gradientNorm } = await trainer.step({ gradient }, 1);
  expect(loss).toBe(0);
  expect(gradientNorm).toBeCloseTo(Math.sqrt(50), 5);
  expectClose(await values(trainer.params.vector), [-3 / Math.sqrt(50), -4 / Math.sqrt(50)]);
  await trainer.dispose();
});

it('keeps the parameters when a step is not finite', async () => {
  const trainer = await givenGradient(createReferenceBackend(), adamW(), [1, 2]);
  await trainer.step({ gradient: float32([2], [1, 1]) }, 0.1);
  const before = await values(trainer.params.vector);
  const failing = trainer.step({ gradient: float32([2], [NaN, 1]) }, 0.1);
  await expect(failing).rejects.toSatisfy((error) => isPatchslimError(error, 'NUMERICAL'));
  expect(await values(trainer.params.vector)).toEqual(before);
  expect(trainer.steps).toBe(1);
  await trainer.dispose();
});

it('continues from a saved state without a difference', async () => {
  const whole = await lineTrainer(adamW(), 0.5);
  const first = await lineTrainer(adamW(), 0.5);
  for (let step = 0; step < 20; step++) await whole.step(lineBatch(step), 0.01);
  for (let step = 0; step < 9; step++) await first.step(lineBatch(step), 0.01);
  const second = await lineTrainer(adamW(), 0.5);
  second.restore(await first.state());
  await first.dispose();
  for (let step = 9; step < 20; step++) await second.step(lineBatch(step), 0.01);
  expect(await second.state()).toEqual(await whole.state());
  await Promise.all([whole.dispose(), second.dispose()]);
});

it('refuses the state of another trainer', async () => {
  const [one, other] = [await lineTrainer(adamW()), await lineTrainer(sgd())];
  const state = await other.state();
  expect(() => one.restore(state)).toThrow(/expected 6 tensors, got 4/);
  await Promise.all([one.dispose(), other.dispose()]);
});

it('leaks no tensor over many steps', async () => {
  const backend = createReferenceBackend();
  const params = startingLine(backend);
  const trainer = await createTrainer({ backend, params, inputs: specs, loss: lineLoss, optimizer: adamW() });
  await trainer.step(lineBatch(0), 0.01);
  const live = backend.memory.liveTensors;
  for (let step = 1; step < 100; step++) await trainer.step(lineBatch(step), 0.01);
  expect(backend.memory.liveTensors).toBe(live);
  await trainer.dispose();
  disposeAll(params);
  expect(backend.memory.liveTensors).toBe(0);
});

it('takes several losses in turn', async () => {
  const backend = await createOnnxBackend();
  const steeper = (...given: Parameters<typeof lineLoss>): Tensor => mul(lineLoss(...given), 3);
  const open = (loss: Loss<Line, 'x' | 'y'> | readonly Loss<Line, 'x' | 'y'>[]) =>
    createTrainer({
      ...{ backend, inputs: specs, optimizer: sgd({ momentum: 0.5 }) },
      params: startingLine(backend),
      loss,
    });
  const both = await open([lineLoss, steeper]);
  const [first, second] = [await open(lineLoss), await open(steeper)];
  for (let step = 0; step < 4; step++) {
    const [current, other] = step % 2 === 0 ? [first, second] : [second, first];
    expect(await both.step(lineBatch(step), 0.1)).toEqual(await current.step(lineBatch(step), 0.1));
    expect((await both.state()).params).toEqual((await current.state()).params);
    other.restore(await current.state());
  }
  for (const trainer of [both, first, second]) await trainer.dispose();
});
