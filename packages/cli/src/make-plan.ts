/** How `slim` comes to a plan: the options that say so, and the way of each method. */

import { join } from 'node:path';
import { splitExamples, type ImageExample, type ImageSet } from '@patchslim/datasets';
import { findEstimator } from '@patchslim/importance-estimators';
import {
  choosePlan,
  methods,
  parseRecovery,
  recoverPlan,
  recoveryFormats,
  runtimeMethods,
  scheduleCost,
  slim,
  slimAtRunTime,
  slimDynamic,
  slimToBudget,
  type RuntimeMethod,
  type Slimmed,
} from '@patchslim/slimming';
import { parseSchedule, scheduleFormats, type Schedule, type SlimPlan } from '@patchslim/slimming-schedules';
import { findByName } from '@patchslim/tensor';
import type { VitModel } from '@patchslim/vit-models';
import type { CommandContext } from './command.js';
import type { ImageData } from './inputs.js';
import { asUsage, integer, oneOf, UsageError } from './usage.js';

/** Tries all methods and takes the one that changes the classes of the images least. */
const auto = 'auto';
/** The paper's. */
const patchSlimming = 'patch-slimming';
const names = [{ name: auto }, ...methods];

/** Loses little without any learning: docs/guide/experiments.md says how it was found. */
const defaultSchedule = 'top-down:tolerance=0.005';
/** Of all other methods. */
const defaultBudget = 'budget:0.5';

/** What only the paper's method can be asked for, and what every other does. */
const ofPatchSlimming = {
  estimator: 'impact',
  attention: 'dense',
  keys: 'compact',
} as const;
const patchSlimmingOptions = ['estimator', 'attention', 'keys'] as const;

export const planningOptions = {
  method: { type: 'string' },
  schedule: { type: 'string' },
  images: { type: 'string', default: '256' },
  estimator: { type: 'string', default: ofPatchSlimming.estimator },
  attention: { type: 'string', default: ofPatchSlimming.attention },
  keys: { type: 'string', default: ofPatchSlimming.keys },
  recover: { type: 'string', default: 'none' },
  seed: { type: 'string', default: '0' },
} as const;

export const planningHelp = [
  [
    '--method NAME',
    `${auto} (default with a budget): the one of these that changes the classes of the images least | ${methods
      .map(({ name, summary }) => `${name}: ${summary}`)
      .join(' | ')} (default without a budget)`,
  ],
  [
    '--schedule SPEC',
    `${scheduleFormats.map(({ usage }) => usage).join(' | ')}; default: ${defaultSchedule} of ${patchSlimming}, ${defaultBudget} of ${auto}, dps, ward and class-attention, what the papers do of the others`,
  ],
  [
    '--images N',
    'images to calibrate on, to search a budget with and to recover with, drawn with the seed (256); with 0 a method that chooses at run time spends its budget by a fixed shape',
  ],
  ['--seed N', 'seed of every draw (0)'],
  [
    '--estimator NAME',
    `with ${patchSlimming}: impact (default), class-attention, attention-received, attention-norm, rollout, …`,
  ],
  [
    '--attention MODE',
    `with ${patchSlimming}: slimmed: score with deeper blocks already slimmed, as the paper; dense: one pass (default)`,
  ],
  [
    '--keys compact|all',
    `with ${patchSlimming}: removed tokens leave the network (default), or go on serving as keys and values`,
  ],
  [
    '--recover SPEC',
    `none (default), or ways to adapt the weights, joined by +: ${recoveryFormats.map(({ usage, name }) => (needsPositions(name) ? `with ${patchSlimming}: ${usage}` : usage)).join(' | ')}`,
  ],
] as const;

type Values = Readonly<
  Record<Exclude<keyof typeof planningOptions, 'method' | 'schedule'> | 'backend', string>
> & {
  readonly method?: string | undefined;
  readonly schedule?: string | undefined;
};

/** Of recoveries by name: whether they take no plan that chooses image by image. */
function needsPositions(name: string): boolean {
  return parseRecovery(name).some((recovery) => recovery.needsPositions);
}

export type PlanRequest = ReturnType<typeof planRequest>;
/** With a folder for what a search has found so far. */
type SearchRequest = PlanRequest & { readonly progress: string };

/** @throws UsageError */
export function planRequest(values: Values) {
  const foreign = patchSlimmingOptions.find((option) => values[option] !== ofPatchSlimming[option]);
  const given = asUsage('schedule', () =>
    values.schedule === undefined ? undefined : parseSchedule(values.schedule),
  );
  const recovery = asUsage('recover', () => parseRecovery(values.recover));
  const fixed = recovery.find(({ needsPositions }) => needsPositions);
  const usual = given?.name === 'budget' && !foreign && !fixed ? auto : patchSlimming;
  const method = asUsage('method', () => findByName(names, values.method ?? usual, 'method')).name;
  const schedule = given ?? parseSchedule(method === patchSlimming ? defaultSchedule : defaultBudget);
  if (method !== patchSlimming && foreign) {
    throw new UsageError(
      `--${foreign}: ${method} knows '${ofPatchSlimming[foreign]}' only, got '${values[foreign]}'`,
    );
  }
  if (method !== patchSlimming && fixed) {
    throw new UsageError(
      `--recover: '${fixed.name}' is for ${patchSlimming}, whose plans keep the same positions of all images; with ${method}: distill or finetune`,
    );
  }
  if (method !== patchSlimming && !schedule.counts) {
    throw new UsageError(
      `--schedule: ${method} needs one whose counts are known beforehand (budget:…, constant:…, counts:…, keep-ratio:…), got '${schedule.spec}'`,
    );
  }
  const onBackend = schedule.budget?.backend ?? values.backend;
  if (onBackend !== values.backend) {
    throw new UsageError(
      `--schedule: '${schedule.spec}' is a time on ${onBackend}, so it needs --backend ${onBackend}, got '${values.backend}'`,
    );
  }
  const atRunTime = runtimeMethods.find(({ name }) => name === method);
  const count = integer('images', values.images, atRunTime ? 0 : 1);
  return {
    method,
    schedule,
    atRunTime: atRunTime && {
      method: atRunTime,
      // Without a schedule: the plan of its paper, or half of the multiply-accumulates.
      schedule: given ?? (atRunTime.preset ? undefined : schedule),
      // A budget leaves it to the images how it is spent.
      searches: (given ?? (atRunTime.preset ? undefined : schedule))?.budget !== undefined && count > 0,
    },
    backend: values.backend,
    estimator: asUsage('estimator', () => findEstimator(values.estimator)),
    attention: oneOf('attention', values.attention, ['dense', 'slimmed']),
    keys: oneOf('keys', values.keys, ['compact', 'all']),
    recovery,
    count,
    seed: integer('seed', values.seed, 0),
  };
}

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
  // An eighth of the images judges what a recovery has learned from the others.
  const { chosen: judging, rest } = divided(examples, '--recover', 1 / 8, seed);
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
  const options = { ...context, schedule, seed, batchSize: data.batchSize, backend: request.backend };
  if (atRunTime) return { plan: await planOfRuntimeMethod(model, data, examples, request, context) };
  if (method === 'dps') return slimDynamic(model, data.images(model, examples), options);
  if (method === patchSlimming) return slim(model, data.images(model, examples), { ...request, ...options });
  const { chosen: judging, rest } = divided(examples, '--method', 0.5, seed);
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
    const { chosen: judging, rest } = divided(examples, '--images', 0.5, request.seed);
    return search(model, data, { judging, rest }, method, schedule, request, context);
  }
  const cost = await scheduleCost(model, schedule, method.entry, { ...context, backend: request.backend });
  return slimAtRunTime(model, method, schedule, cost);
}

/** The search of a budget, and what it came to. */
async function search(
  model: VitModel,
  data: ImageData,
  { judging, rest }: { readonly judging: readonly ImageExample[]; readonly rest: readonly ImageExample[] },
  method: RuntimeMethod,
  schedule: Schedule,
  { seed, backend, progress }: SearchRequest,
  context: CommandContext,
): Promise<SlimPlan> {
  const plan = await slimToBudget(model, method, data.images(model, rest), data.images(model, judging), {
    ...context,
    schedule,
    seed,
    backend,
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

/** Images in two parts: those that judge, at least one, and the rest. @throws UsageError for less than two */
export function divided(examples: readonly ImageExample[], option: string, share: number, seed: number) {
  if (examples.length < 2) throw new UsageError(`${option}: expected at least 2 calibration images, got 1`);
  return splitExamples(examples, Math.max(1, Math.round(examples.length * share)), seed);
}
