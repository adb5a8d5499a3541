/** The tokens of one image on the full grid. */

import type { BlockTokens } from '@patchslim/slimming';
import type { LongCallOptions } from '@patchslim/tensor';
import type { Session } from '../session.js';
import type { PatchTokensRequest } from '../tasks.js';
import { readImage } from './read-image.js';

/** @throws as `readImage`; `INVALID_ARGUMENT` for a block that the model does not have */
export async function patchTokensTask(
  session: Session,
  { blocks: wanted, norm, ...request }: PatchTokensRequest,
  context: LongCallOptions,
): Promise<readonly BlockTokens[]> {
  return session.use('patchTokens', async (opened) => {
    const { pixels, blocks } = await readImage(opened, request, context, 'patchTokens');
    return (await opened.gridReader(blocks)).read(pixels, { blocks: wanted, norm });
  });
}
