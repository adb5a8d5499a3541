/** One image through one network, for `classify`, `embed` and `patchTokens`. */

import { normalizeCrop } from '@patchslim/datasets';
import { blocksFor } from '@patchslim/slimming-schedules';
import { float32, throwIfAborted, type HostTensor, type LongCallOptions } from '@patchslim/tensor';
import type { BlockPlan } from '@patchslim/vit-models';
import type { Opened } from '../session.js';
import type { EmbedRequest } from '../tasks.js';
import { cropOf } from './crop-of.js';

/** A decoded image, and the blocks of the plan; dense without one. */
export interface ImageUnderPlan {
  /** `[1, 3, S, S]`. */
  readonly pixels: HostTensor<'float32'>;
  readonly blocks: readonly BlockPlan[] | undefined;
}

/** @throws errors of decoding; `PLAN_INVALID`, `PLAN_MISMATCH`; `ABORTED` */
export async function readImage(
  { model, checkpoint }: Opened,
  { image, plan }: EmbedRequest,
  { signal }: LongCallOptions,
  task: string,
): Promise<ImageUnderPlan> {
  const blocks = plan && blocksFor(plan, model);
  const crop = await cropOf(image, checkpoint);
  throwIfAborted(signal, task);
  const pixels = float32([1, 3, crop.height, crop.width], normalizeCrop(crop, checkpoint.preprocessing));
  return { pixels, blocks };
}
