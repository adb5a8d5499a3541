/** The features of one image. */

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
    return (await readImage(opened, request, context, 'embed')).embedding;
  });
}
