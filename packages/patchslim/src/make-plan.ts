/** How `slim` comes to a plan: the way of each method. */

import { join } from 'node:path';
import { splitExamples, type ImageExample, type ImageSet } from '@patchslim/datasets';
import {
  choosePlan,
  methods,
  recoverPlan,
  removeJournal,
  removeNotes,
  runtimeMethods,
  scheduleCost,
  slim,
  slimAtRunTime,
  slimDynamic,
  slimToBudget,
  type RuntimeMethod,
  type Slimmed,
} from '@patchslim/slimming';
import type { Schedule, SlimPlan } from '@patchslim/slimming-schedules';
import type { VitModel } from '@patchslim/vit-models';
import type { CommandContext } from './command.js';
import type { ImageData } from './inputs.js';
import { auto, patchSlimming, type PlanRequest } from './plan-request.js';
import { UsageError } from './usage.js';

/** With a folder for what a search has found so far. */
type SearchRequest = PlanRequest & { readonly progress: string };

/** How many of the images are not there for the evaluation. What `--images` says holds, even when none is left to judge. */
export const imagesWanted = ({ atRunTime, count, recovery }: PlanRequest, data: ImageData): number =>
  atRunTime && !atRunTime.searches && recovery.length === 0
    ? 0
    : Math.min(count ?? calibrating(256, data.examples), data.examples.length);

/** As many images as usual, but half of a folder at most: the others judge. */
export const calibrating = (usual: number, examples: readonly ImageExample[]): number =>
  Math.max(1, Math.min(usual, Math.floor(examples.length / 2)));

export async function makePlan(
  model: VitModel,
  data: ImageData,
  examples: readonly ImageExample[],
  request: SearchRequest,
  context: CommandContext,
): Promise<Slimmed> {
  const { recovery, seed } = request;
  if (recovery.length === 0) return planByMethod(model, data, examples, request, context);
  const { judging, rest } = dividedToRecover(examples, seed);
  const heldBack = data.images(model, judging);
  const made = await planByMethod(model, data, rest, { ...request, heldBack }, context);
  const { batchSize } = data;
  const recovered = made.adapted
    ? made
    : await recoverPlan(model, made.plan, {
        ...{ ...context, recovery, heldBack, batchSize, seed },
        images: data.images(model, rest),
      });
  context.note(gainText(recovered.plan));
  return recovered;
}

const notesIn = (progress: string): string => join(progress, 'counts.json');

/** Removes what this very search noted on its way. Notes of other runs, and files of the user, stay in the folder. */
export async function removeProgress(
  { config }: VitModel,
  { provenance }: SlimPlan,
  { schedule, progress }: SearchRequest,
): Promise<void> {
  if (provenance.method === patchSlimming && schedule.needsErrors)
    await removeJournal(progress, config.depth);
  if (provenance.search) await removeNotes(notesIn(progress));
}

/** @param request with held-back images where the paper's method is to adapt the weights while it searches */
async function planByMethod(
  model: VitModel,
  data: ImageData,
  examples: readonly ImageExample[],
  request: SearchRequest & { readonly heldBack?: ImageSet },
  context: CommandContext,
): Promise<Slimmed> {
  const { method, schedule, atRunTime, seed } = request;
  // Of the request only what a plan takes: the chosen plan is recovered, no candidate.
  const options = { ...context, schedule, seed, batchSize: data.batchSize };
  if (atRunTime) return { plan: await planOfRuntimeMethod(model, data, examples, request, context) };
  if (method === 'dps') return slimDynamic(model, data.images(model, examples), options);
  if (method === patchSlimming) return slim(model, data.images(model, examples), { ...request, ...options });
  // One of the methods holds some of its own images back.
  const { judging, rest } = divided(examples, `--method ${auto}`, 0.5, seed, 4);
  const plan = await choosePlan(
    model,
    methods,
    data.images(model, rest),
    data.images(model, judging),
    options,
  );
  const { candidates, refused } = plan.provenance;
  for (const { method: name, reason } of refused ?? []) context.note(`${name}: passed over: ${reason}`);
  const [best, second] = candidates!;
  context.note(
    `${best!.method}: its classes diverge least from the dense network's on ${judging.length} images (${best!.divergence.toFixed(4)} nats${second ? `; ${second.method} ${second.divergence.toFixed(4)}` : ''})`,
  );
  const searching = schedule.budget && runtimeMethods.find(({ name }) => name === best!.method);
  if (!searching) return { plan };
  const found = await search(model, data, { judging, rest }, searching, schedule, request, context);
  return {
    plan: { ...found, provenance: { ...found.provenance, candidates, ...(refused ? { refused } : {}) } },
  };
}

/** What a recovery was worth, on the images that it did not learn from. */
function gainText({ model, provenance }: SlimPlan): string {
  const { spec, dense, heldBack } = provenance.recovery!;
  const { images, before, after, interval } = heldBack;
  if (model.fingerprint === dense) {
    return `${spec}: nothing gained, no epoch was better on ${images} held-back images than the weights as they were, and they stay so; a lower rate or more images may help`;
  }
  const within = interval
    ? `; 95 % interval of the change: ${interval.map((end) => end.toFixed(4)).join(' to ')}`
    : '';
  return `${spec}: divergence from the dense network's classes on ${images} held-back images ${before.toFixed(4)} nats before, ${after.toFixed(4)} after${within}`;
}

async function planOfRuntimeMethod(
  model: VitModel,
  data: ImageData,
  examples: readonly ImageExample[],
  request: SearchRequest,
  context: CommandContext,
): Promise<SlimPlan> {
  const { method, schedule, searches } = request.atRunTime!;
  if (!schedule) return slimAtRunTime(model, method);
  if (searches) {
    const { judging, rest } = divided(examples, '--images', 0.5, request.seed);
    return search(model, data, { judging, rest }, method, schedule, request, context);
  }
  const cost = await scheduleCost(model, schedule, method.entry, context);
  return slimAtRunTime(model, method, schedule, cost);
}

/** The search of a budget, and what it came to. */
async function search(
  model: VitModel,
  data: ImageData,
  { judging, rest }: { readonly judging: readonly ImageExample[]; readonly rest: readonly ImageExample[] },
  method: RuntimeMethod,
  schedule: Schedule,
  { seed, progress }: SearchRequest,
  context: CommandContext,
): Promise<SlimPlan> {
  const plan = await slimToBudget(model, method, data.images(model, rest), data.images(model, judging), {
    ...context,
    schedule,
    seed,
    batchSize: data.batchSize,
    progress: notesIn(progress),
  });
  const { start, found, taken, candidates } = plan.provenance.search!;
  const figures = `${found.divergence.toFixed(4)} nats from the dense classes, the fixed shape ${start.divergence.toFixed(4)}`;
  context.note(
    `${candidates} counts looked at; on ${judging.length} other images the best has ${figures}: ${taken === 'found' ? 'taken' : 'the fixed shape is kept'}`,
  );
  return plan;
}

/** An eighth of the images tells when a recovery has learned enough from the others; what it is worth, others judge. @throws UsageError for less than two */
export const dividedToRecover = (examples: readonly ImageExample[], seed: number) =>
  divided(examples, '--recover', 1 / 8, seed);

/** Images in two parts: those that judge, at least one, and the rest. @throws UsageError for less than `least` */
function divided(examples: readonly ImageExample[], option: string, share: number, seed: number, least = 2) {
  if (examples.length < least) {
    throw new UsageError(
      `${option}: expected at least ${least} calibration images, got ${examples.length}: ask for more with --images, or take a larger folder`,
    );
  }
  const { chosen, rest } = splitExamples(examples, Math.max(1, Math.round(examples.length * share)), seed);
  return { judging: chosen, rest };
}
