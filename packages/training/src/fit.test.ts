import { createOnnxBackend } from '@patchslim/backend-onnx';
import { isPatchslimError } from '@patchslim/tensor';
import { expect, it } from 'vitest';
import { lineBatches, lineLoss, specs, startingLine } from '../test/regression.js';
import {
  adamW,
  cosine,
  createTrainer,
  fit,
  sgd,
  type EpochResult,
  type FitOptions,
  type FitProgress,
} from './index.js';

const createLine = async () => {
  const backend = await createOnnxBackend();
  return createTrainer({
    backend,
    params: startingLine(backend),
    inputs: specs,
    loss: lineLoss,
    optimizer: adamW(),
  });
};

const options: FitOptions<'x' | 'y'> = {
  epochs: 6,
  stepsPerEpoch: 5,
  rate: cosine({ peak: 0.1 }),
  batches: (epoch) => lineBatches(epoch, 5),
};

it('reduces the loss in every epoch, and counts steps', async () => {
  const trainer = await createLine();
  const steps: number[] = [];
  const { epochs } = await fit(trainer, { ...options, onProgress: ({ done }) => steps.push(done) });
  expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(epochs.at(-1)!.loss).toBeLessThan(epochs[0]!.loss / 3);
  expect(steps).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
});

it.each([1, 3, 5])('resumed after epoch %d, ends like an uninterrupted run', async (stop) => {
  const undisturbed = await fit(await createLine(), options);
  let saved: FitProgress | undefined;
  const abort = new AbortController();
  const onEpoch = ({ epoch }: EpochResult, progress: FitProgress) => {
    saved = progress;
    if (epoch === stop) abort.abort();
  };
  const interrupted = fit(await createLine(), { ...options, onEpoch, signal: abort.signal });
  await expect(interrupted).rejects.toSatisfy((error) => isPatchslimError(error, 'ABORTED'));
  const resumed = await fit(await createLine(), { ...options, resume: saved });
  expect(resumed).toEqual(undisturbed);
});

it('stops early with the best parameters when the validation loss stops improving', async () => {
  const trainer = await createLine();
  const losses = [10, 8, 9, 9.5, 7];
  const states: unknown[] = [];
  const validate = async () => {
    states.push((await trainer.state()).params);
    return losses[states.length - 1]!;
  };
  const { epochs, best, initial } = await fit(trainer, { ...options, validate, patience: 2 });
  expect(initial).toBe(10);
  expect(epochs.map(({ validation }) => validation)).toEqual([8, 9, 9.5]);
  expect(best!.validation).toBe(8);
  expect((await trainer.state()).params).toEqual(states[1]);
});

it('returns the initial parameters when training only makes them worse', async () => {
  const trainer = await createLine();
  const start = await trainer.state();
  let asked = 0;
  const validate = () => Promise.resolve(++asked);
  await fit(trainer, { ...options, epochs: 2, validate });
  expect(await trainer.state()).toEqual(start);
});

it('returns nearly perfect initial parameters, without an error, when training makes them worse', async () => {
  const trainer = await createLine();
  const start = await trainer.state();
  const losses = [1e-6, 0.5, 0.4];
  const { epochs } = await fit(trainer, {
    ...options,
    epochs: 2,
    validate: () => Promise.resolve(losses.shift()!),
  });
  expect(epochs.map(({ validation }) => validation)).toEqual([0.5, 0.4]);
  expect(await trainer.state()).toEqual(start);
});

it('stops when training diverges, at the last good epoch', async () => {
  const backend = await createOnnxBackend();
  const trainer = await createTrainer({
    backend,
    params: startingLine(backend),
    inputs: specs,
    loss: lineLoss,
    optimizer: sgd(),
  });
  let saved: FitProgress | undefined;
  const diverging = fit(trainer, {
    ...options,
    rate: (step) => (step < 5 ? 0.01 : 100),
    onEpoch: (_, progress) => void (saved = progress),
  });
  await expect(diverging).rejects.toThrow(/diverged|not finite|left as they were/);
  expect(saved!.epochs).toHaveLength(1);
  expect(await trainer.state()).toEqual(saved!.state);
});

it('refuses an epoch of the wrong length', async () => {
  const short = fit(await createLine(), { ...options, batches: (epoch) => lineBatches(epoch, 4) });
  await expect(short).rejects.toThrow('expected 5 batches in an epoch, got 4');
});
