/** The training loop: epochs, a learning-rate schedule, early stopping, checkpoints. */

import { PatchslimError, throwIfAborted, type HostTensor, type LongCallOptions } from '@patchslim/tensor';
import type { LearningRate } from './learning-rate.js';
import type { Trainer, TrainerState } from './trainer.js';

/** Options of `fit`. */
export interface FitOptions<I extends string> extends LongCallOptions {
  readonly epochs: number;
  /** Steps per epoch; `batches` must yield this many. */
  readonly stepsPerEpoch: number;
  readonly rate: LearningRate;
  /** The batches of an epoch, from 0. They must depend only on the epoch, so that a run can be resumed. */
  readonly batches: (epoch: number) => AsyncIterable<Readonly<Record<I, HostTensor>>>;
  /** Returns the validation loss, smaller is better; called before the first epoch and after each. */
  readonly validate?: (() => Promise<number>) | undefined;
  /** Stops after this many epochs without a better validation loss; needs `validate`. By default never. */
  readonly patience?: number | undefined;
  /** Called after each epoch, with the state to save. */
  readonly onEpoch?: ((epoch: EpochResult, progress: FitProgress) => Promise<void> | void) | undefined;
  /** The last progress that `onEpoch` received in an interrupted run. */
  readonly resume?: FitProgress | undefined;
  /** Stage of the progress events. @default 'train' */
  readonly stage?: string | undefined;
}

/** The result of one epoch. */
export interface EpochResult {
  /** From 1. */
  readonly epoch: number;
  /** Mean over the steps. */
  readonly loss: number;
  readonly validation?: number;
}

/** Everything needed to resume. */
export interface FitProgress {
  readonly epochs: readonly EpochResult[];
  /** Validation loss before the first epoch. */
  readonly initial?: number;
  readonly state: TrainerState;
  /** The best state so far, with validation; it may be the initial one. */
  readonly best?: { readonly validation: number; readonly state: TrainerState };
}

/**
 * Training has diverged if the training loss exceeds this many times its smallest value so far, or if the validation loss exceeds
 * this many times both its best value, which may be nearly 0, and the training loss of the first epoch.
 */
const divergence = 100;

/**
 * Trains. With `validate`, the trainer ends with the best parameters seen, which may be the initial ones.
 * @throws NUMERICAL when a loss is not finite or training diverges; the trainer then has the parameters of the last good epoch; ABORTED
 */
export async function fit<T, I extends string>(
  trainer: Trainer<T, I>,
  options: FitOptions<I>,
): Promise<FitProgress> {
  const { epochs, patience = Infinity, validate, onEpoch } = options;
  let progress = options.resume ?? (await begin(trainer, validate));
  if (options.resume) trainer.restore(progress.state);
  try {
    while (progress.epochs.length < epochs && epochsSinceBest(progress) < patience) {
      const epoch = progress.epochs.length;
      const loss = await runEpoch(trainer, epoch, progress, options);
      const validation = await validate?.();
      requireConverging(loss, validation, progress, epoch);
      const state = await trainer.state();
      const result = { epoch: epoch + 1, loss, ...(validation === undefined ? {} : { validation }) };
      progress = {
        ...progress,
        epochs: [...progress.epochs, result],
        state,
        ...(validation !== undefined && validation < progress.best!.validation
          ? { best: { validation, state } }
          : {}),
      };
      await onEpoch?.(result, progress);
    }
  } catch (error) {
    trainer.restore(progress.state);
    throw error;
  }
  if (progress.best) trainer.restore(progress.best.state);
  return progress;
}

async function begin<T, I extends string>(
  trainer: Trainer<T, I>,
  validate: (() => Promise<number>) | undefined,
): Promise<FitProgress> {
  const state = await trainer.state();
  const initial = await validate?.();
  return {
    epochs: [],
    state,
    ...(initial === undefined ? {} : { initial, best: { validation: initial, state } }),
  };
}

async function runEpoch<T, I extends string>(
  trainer: Trainer<T, I>,
  epoch: number,
  progress: FitProgress,
  { epochs, stepsPerEpoch, rate, batches, signal, onProgress, stage = 'train' }: FitOptions<I>,
): Promise<number> {
  const total = epochs * stepsPerEpoch;
  const before = Math.min(...progress.epochs.map(({ loss }) => loss));
  let sum = 0;
  let step = epoch * stepsPerEpoch;
  for await (const batch of batches(epoch)) {
    throwIfAborted(signal, 'fit()');
    const { loss } = await trainer.step(batch, rate(step, total));
    if (loss > divergence * before) throw diverged(`loss ${loss} in epoch ${epoch + 1}, ${before} before`);
    sum += loss;
    step++;
    onProgress?.({ stage, done: step, total, unit: 'steps' });
  }
  const steps = step - epoch * stepsPerEpoch;
  if (steps === stepsPerEpoch) return sum / steps;
  throw new PatchslimError(
    'DATA_INVALID',
    `fit(): expected ${stepsPerEpoch} batches in an epoch, got ${steps}`,
  );
}

function requireConverging(
  loss: number,
  validation: number | undefined,
  { best, epochs }: FitProgress,
  epoch: number,
): void {
  if (validation === undefined) return;
  const before = Math.max(best!.validation, epochs[0]?.loss ?? loss);
  if (validation <= divergence * before) return;
  throw diverged(
    `validation loss ${validation} after epoch ${epoch + 1} (loss ${loss}), best ${best!.validation}`,
  );
}

const diverged = (what: string): PatchslimError =>
  new PatchslimError(
    'NUMERICAL',
    `fit(): training diverged (${what}); the parameters are from the last good epoch; try a lower rate`,
  );

function epochsSinceBest({ epochs, best }: FitProgress): number {
  if (!best) return 0;
  const place = epochs.findIndex(({ validation }) => validation === best.validation);
  return epochs.length - 1 - place;
}
