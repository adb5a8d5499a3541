/** The likeliest classes of one image. */

import type { ClassGuess } from '@patchslim/slimming';
import { likeliest } from '@patchslim/slimming/internal';
import type { LongCallOptions } from '@patchslim/tensor';
import { requireClasses } from '@patchslim/vit-models';
import type { Session } from '../session.js';
import type { ClassifyRequest } from '../tasks.js';
import { readImage } from './read-image.js';

/** @throws as `readImage` and `likeliest` */
export async function classifyTask(
  session: Session,
  { top, threshold, ...request }: ClassifyRequest,
  context: LongCallOptions,
): Promise<readonly ClassGuess[]> {
  return session.use('classify', async (opened) => {
    requireClasses(opened.model.config, 'classify');
    const { pixels, blocks } = await readImage(opened, request, context, 'classify');
    const { logits } = await (await opened.reader(blocks)).read(pixels);
    return likeliest(logits, opened.checkpoint, { top, threshold });
  });
}
