/** One image through both networks. */

import { decodeCrop, normalizeCrop } from '@patchslim/datasets';
import { blocksFor } from '@patchslim/slimming-schedules';
import { float32, throwIfAborted, type LongCallOptions } from '@patchslim/tensor';
import type { Session } from '../session.js';
import type { ClassGuess, ImagePixels, Inspection, InspectRequest } from '../tasks.js';

/** Classes that are told of each network. */
const mostGuesses = 5;

/** @throws what decoding throws; `PLAN_INVALID`, `PLAN_MISMATCH`; `ABORTED` */
export async function inspectTask(
  session: Session,
  { image, plan }: InspectRequest,
  { signal }: LongCallOptions,
): Promise<Inspection> {
  return session.use('inspect', async ({ model, checkpoint, inspector }) => {
    const blocks = blocksFor(plan, model);
    const crop = await decodeCrop('data' in image ? withoutAlpha(image) : image, checkpoint.preprocessing);
    throwIfAborted(signal, 'inspect');
    const { width, height } = crop;
    const pixels = float32([1, 3, height, width], normalizeCrop(crop, checkpoint.preprocessing));
    const { dense, slimmed, kept, scores } = await (await inspector(blocks)).inspect(pixels);
    const guesses = (logits: Float32Array) => likeliest(logits, checkpoint.labels);
    return {
      crop: { data: crop.data.slice(), width, height }, // which may be the caller's
      dense: guesses(dense),
      slimmed: guesses(slimmed),
      kept,
      scores,
    };
  });
}

/** `ImageData` of a canvas has a fourth channel. */
function withoutAlpha(image: ImagePixels): ImagePixels {
  const { data, width, height } = image;
  if (data.length !== 4 * width * height) return image;
  const rgb = new Uint8Array(3 * width * height);
  for (let from = 0, to = 0; from < data.length; from += 4) {
    rgb[to++] = data[from]!;
    rgb[to++] = data[from + 1]!;
    rgb[to++] = data[from + 2]!;
  }
  return { data: rgb, width, height };
}

/** Of equally likely classes the lower one comes first. */
function likeliest(logits: Float32Array, labels: readonly string[] | undefined): ClassGuess[] {
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const weights = Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights
    .map((weight, index) => ({ index, label: labels?.[index] ?? String(index), probability: weight / sum }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, mostGuesses);
}
