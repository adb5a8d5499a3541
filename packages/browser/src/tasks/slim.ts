/** A plan from the user's images, and its figures on unseen images. */

import { openImageFiles } from '@patchslim/datasets';
import { evaluatePair, slim } from '@patchslim/slimming';
import { readRequest } from '@patchslim/slimming/internal';
import { PatchslimError, type LongCallOptions } from '@patchslim/tensor';
import type { Session } from '../session.js';
import type { SkippedFile, SlimRequest, SlimResult } from '../tasks.js';

/** Memory for decoded images, bytes; larger sets are decoded on each use. */
const mostBytes = 3e8;

/**
 * Like `slim` of `@patchslim/slimming`, with figures on the unseen images.
 * @throws as `slim`; `DATA_INVALID` for a single image, because none would be left to evaluate
 */
export async function slimTask(
  session: Session,
  { files, ...request }: SlimRequest,
  context: LongCallOptions,
): Promise<SlimResult> {
  readRequest(request); // checks names before any work
  const folder = await openImageFiles(files, context);
  return session.use('slim', async ({ model }) => {
    if (folder.examples.length < 2) {
      const message = 'slim: expected at least 2 images, one of them to evaluate, got 1';
      throw new PatchslimError('DATA_INVALID', message);
    }
    const skipped = new Map<string, SkippedFile>();
    const {
      plan,
      model: slimmed,
      unseen,
    } = await slim(model, folder, {
      ...{ ...context, ...request, mostBytes, corrupt: 'skip' },
      onSkip: ({ id }, { message }) => skipped.set(id, { name: id, reason: message }),
    });
    try {
      const pair = await evaluatePair(model, slimmed, unseen!, { ...context, batchSize: evaluateAtATime });
      return { plan, ...pair, skipped: [...skipped.values()] };
    } finally {
      await slimmed.close();
    }
  });
}

/** Images per batch: small enough for a phone. */
const evaluateAtATime = 4;
