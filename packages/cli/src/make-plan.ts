/** How `slim` comes to a plan: the way of each method. */

import { join } from 'node:path';
import { splitExamples, type ImageExample, type ImageSet } from '@patchslim/datasets';
import {
  choosePlan,
  methods,
  recoverPlan,
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
import { patchSlimming, type PlanRequest } from './plan-request.js';
import { UsageError } from './usage.js';

/** With a folder for what a search has found so far. */
type SearchRequest = PlanRequest & { readonly progress: string };

/** How many of the images are not there for the evaluation. */
export const imagesWanted = ({ atRunTime, count, recovery }: PlanRequest, data: ImageData): number =>
  atRunTime && !atRunTime.searches && recovery.length === 0 ? 0 : Math.min(count, data.examples.length);

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
  const { judging, rest } = divided(examples, '--method', 0.5, seed);
  const plan = await choosePlan(
    model,
    methods,
    data.images(model, rest),
    data.images(model, judging),
    options,
  );
  const { candidates } = plan.provenance;
  const [best, second] = candidates!;
  context.note(
    `${best!.method}: its classes diverge least from the dense network's on ${judging.length} images (${best!.divergence.toFixed(4)} nats${second ? `; ${second.method} ${second.divergence.toFixed(4)}` : ''})`,
  );
  const searching = schedule.budget && runtimeMethods.find(({ name }) => name === best!.method);
  if (!searching) return { plan };
  const found = await search(model, data, { judging, rest }, searching, schedule, request, context);
  return { plan: { ...found, provenance: { ...found.provenance, candidates } } };
}

/** What a recovery was worth, on the images that it did not learn from. */
function gainText({ model, provenance }: SlimPlan): string {
  const { spec, dense, heldBack } = provenance.recovery!;
  const { images, before, after } = heldBack;
  if (model.fingerprint === dense) {
    return `${spec}: nothing gained, no epoch was better on ${images} held-back images than the weights as they were, and they stay so; a lower rate or more images may help`;
  }
  return `${spec}: divergence from the dense network's classes on ${images} held-back images ${before.toFixed(4)} nats before, ${after.toFixed(4)} after`;
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
    progress: join(progress, 'counts.json'),
  });
  const { start, found, taken, candidates } = plan.provenance.search!;
  const figures = `${found.divergence.toFixed(4)} nats from the dense classes, the fixed shape ${start.divergence.toFixed(4)}`;
  context.note(
    `${candidates} counts looked at; on ${judging.length} other images the best has ${figures}: ${taken === 'found' ? 'taken' : 'the fixed shape is kept'}`,
  );
  return plan;
}

/** An eighth of the images judges what a recovery has learned from the others. @throws UsageError for less than two */
export const dividedToRecover = (examples: readonly ImageExample[], seed: number) =>
  divided(examples, '--recover', 1 / 8, seed);

/** Images in two parts: those that judge, at least one, and the rest. @throws UsageError for less than two */
function divided(examples: readonly ImageExample[], option: string, share: number, seed: number) {
  if (examples.length < 2) throw new UsageError(`${option}: expected at least 2 calibration images, got 1`);
  const { chosen, rest } = splitExamples(examples, Math.max(1, Math.round(examples.length * share)), seed);
  return { judging: chosen, rest };
}
