/** The embedding of one image. */

import type { LongCallOptions } from '@patchslim/tensor';
import type { Session } from '../session.js';
import type { EmbedRequest } from '../tasks.js';
import { readImage } from './read-image.js';

/** @throws as `readImage` */
export async function embedTask(
  session: Session,
  request: EmbedRequest,
  context: LongCallOptions,
): Promise<Float32Array> {
  return session.use('embed', async (opened) => {
    const { pixels, blocks } = await readImage(opened, request, context, 'embed');
    return (await (await opened.reader(blocks)).read(pixels)).embedding;
  });
}
