/** One image through both networks. */

import { normalizeCrop } from '@patchslim/datasets';
import { cosineOf, likeliest } from '@patchslim/slimming/internal';
import { blocksFor } from '@patchslim/slimming-schedules';
import { float32, throwIfAborted, type LongCallOptions } from '@patchslim/tensor';
import { givesEmbedding } from '@patchslim/vit-models';
import type { Session } from '../session.js';
import type { Inspection, InspectRequest } from '../tasks.js';
import { cropOf } from './crop-of.js';

/** Number of classes in the result, per network. */
const mostGuesses = 5;

/** @throws errors of decoding; `PLAN_INVALID`, `PLAN_MISMATCH`; `ABORTED` */
export async function inspectTask(
  session: Session,
  { image, plan }: InspectRequest,
  { signal }: LongCallOptions,
): Promise<Inspection> {
  return session.use('inspect', async ({ model, checkpoint, inspector }) => {
    const blocks = blocksFor(plan, model);
    const crop = await cropOf(image, checkpoint);
    throwIfAborted(signal, 'inspect');
    const { width, height } = crop;
    const pixels = float32([1, 3, height, width], normalizeCrop(crop, checkpoint.preprocessing));
    const { dense, slimmed, kept, scores } = await (await inspector(blocks)).inspect(pixels);
    const isEncoder = givesEmbedding(model.config);
    const guesses = (logits: Float32Array) =>
      isEncoder ? [] : likeliest(logits, checkpoint, { top: mostGuesses });
    return {
      crop: { data: crop.data.slice(), width, height }, // which may be the caller's
      dense: guesses(dense),
      slimmed: guesses(slimmed),
      ...(isEncoder && { cosine: cosineOf(slimmed, dense) }),
      kept,
      scores,
    };
  });
}
