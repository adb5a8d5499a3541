/** A plan from the user's own images, and what it costs on those that it has not seen. */

import {
  checkLabels,
  decodedSet,
  imageSet,
  openImageFiles,
  splitExamples,
  type ImageExample,
  type ImageSet,
} from '@patchslim/datasets';
import { choosePlan, findMethod, methods, predict, summarizePair } from '@patchslim/slimming';
import { blocksFor, parseSchedule, type Schedule, type SlimPlan } from '@patchslim/slimming-schedules';
import { PatchslimError, type LongCallOptions } from '@patchslim/tensor';
import type { Opened, Session } from '../session.js';
import { staged } from '../staged.js';
import type { SlimmedHere, SlimRequest } from '../tasks.js';

/** Images at a time: what a phone has memory for. */
const batchSize = 4;

/** Of decoded images, of each kind; more are decoded as often as they are needed. */
const mostBytes = 3e8;

type SkippedFile = SlimmedHere['skipped'][number];

/**
 * Half of the images at most calibrate, the others judge. A method called `auto` is the one of all that changes the classes of
 * half of the calibration images least.
 * @throws `DATA_INVALID` for less than two images (four with `auto`), or labels that the model has no class for; what the
 *   method throws; `ABORTED`
 */
export async function slimTask(
  session: Session,
  { files, method = 'patch-slimming', schedule = 'budget:0.5', images = 256, seed = 0 }: SlimRequest,
  context: LongCallOptions,
): Promise<SlimmedHere> {
  const parsed = parseSchedule(schedule); // checks names before any work
  if (method !== 'auto') findMethod(method);
  const { dir, examples } = await openImageFiles(files, context);
  return session.use('slim', async (opened) => {
    const { model, checkpoint } = opened;
    checkLabels({ dir, examples }, model.config.classes);
    const count = Math.min(images, Math.floor(examples.length / 2));
    requireImages(examples.length, count, method);
    const { chosen, rest } = splitExamples(examples, count, seed);
    const skipped = new Map<string, SkippedFile>();
    const decoded = (some: readonly ImageExample[], stage: string): Promise<ImageSet> => {
      const set = imageSet(dir, some, checkpoint.preprocessing, {
        corrupt: 'skip',
        onSkip: ({ id }, { message }) => skipped.set(id, { name: id, reason: message }),
      });
      return decodedSet(set, { ...staged(context, stage), mostBytes });
    };
    const plan = await makePlan(opened, method, parsed, chosen, seed, decoded, context);
    const judging = await decoded(rest, 'evaluation');
    const options = { batchSize, plan: blocksFor(plan, model) };
    const dense = await predict(model, judging, { batchSize, ...staged(context, 'dense') });
    const slimmed = await predict(model, judging, { ...options, ...staged(context, 'slimmed') });
    return { plan, ...summarizePair(dense, slimmed), skipped: [...skipped.values()] };
  });
}

async function makePlan(
  { model }: Opened,
  method: string,
  schedule: Schedule,
  examples: readonly ImageExample[],
  seed: number,
  decoded: (some: readonly ImageExample[], stage: string) => Promise<ImageSet>,
  context: LongCallOptions,
): Promise<SlimPlan> {
  const options = { ...context, schedule, seed, batchSize };
  if (method !== 'auto') {
    return findMethod(method).plan(model, await decoded(examples, 'calibration'), options);
  }
  const { chosen, rest } = splitExamples(examples, Math.ceil(examples.length / 2), seed);
  const judging = await decoded(chosen, 'choice');
  return choosePlan(model, methods, await decoded(rest, 'calibration'), judging, options);
}

function requireImages(found: number, calibrating: number, method: string): void {
  const [needed, least] = method === 'auto' ? [4, 2] : [2, 1];
  if (calibrating >= least) return;
  throw new PatchslimError(
    'DATA_INVALID',
    `slim: expected at least ${needed} images, half of them to calibrate; got ${found}, ${Math.max(calibrating, 0)} to calibrate`,
    { images: found, calibrating },
  );
}
