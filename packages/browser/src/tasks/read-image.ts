/** One image through one network, for `classify` and `embed`. */

import { normalizeCrop } from '@patchslim/datasets';
import type { ReadImage } from '@patchslim/slimming/internal';
import { blocksFor } from '@patchslim/slimming-schedules';
import { float32, throwIfAborted, type LongCallOptions } from '@patchslim/tensor';
import type { Opened } from '../session.js';
import type { EmbedRequest } from '../tasks.js';
import { cropOf } from './crop-of.js';

/** Under the plan, or dense without one. @throws errors of decoding; `PLAN_INVALID`, `PLAN_MISMATCH`; `ABORTED` */
export async function readImage(
  { model, checkpoint, reader }: Opened,
  { image, plan }: EmbedRequest,
  { signal }: LongCallOptions,
  task: string,
): Promise<ReadImage> {
  const blocks = plan && blocksFor(plan, model);
  const crop = await cropOf(image, checkpoint);
  throwIfAborted(signal, task);
  const pixels = float32([1, 3, crop.height, crop.width], normalizeCrop(crop, checkpoint.preprocessing));
  return (await reader(blocks)).read(pixels);
}
