/** Provenance of a plan: the steps that made it, in order. Only steps that happened are listed. */

import * as z from 'zod/mini';

const count = z.int().check(z.nonnegative());
const interval = z.tuple([z.number(), z.number()]);
const countsAndDivergence = z.strictObject({ counts: z.array(count), divergence: z.number() });

/**
 * Divergences are KL divergences from the dense network's classes, in nats (mean over images). Intervals are 95 %
 * intervals. `measure: 'cosine'`: the model has no classes, and divergences are 1 − cosine to the dense network's embedding.
 */
const measure = z.optional(z.literal('cosine'));

const step = z.discriminatedUnion('step', [
  /** A score was averaged over images. */
  z.strictObject({
    step: z.literal('scored'),
    score: z.string(),
    /** Whether the blocks after the scored one were dense or already slimmed. */
    deeperBlocks: z.enum(['dense', 'slimmed']),
    images: count,
  }),
  /**
   * Algorithm 1 chose how many tokens each block keeps. The errors one block above at which it stopped; null for a
   * block without a search.
   */
  z.strictObject({ step: z.literal('top-down'), errors: z.array(z.nullable(z.number())) }),
  /**
   * Predictors of a score were fitted. The share of the variance, 0 to 1, that each predictor explains on held-out
   * images, and the share that positions alone explain; null for a block without a predictor.
   */
  z.strictObject({
    step: z.literal('fitted'),
    score: z.string(),
    images: count,
    r2: z.array(z.nullable(z.number())),
    staticR2: z.array(z.nullable(z.number())),
  }),
  /** Blocks were timed, in ms per image. The dense time is measured; the slimmed time is the sum of its blocks. */
  z.strictObject({
    step: z.literal('timed'),
    backend: z.string(),
    batch: count,
    dense: z.number(),
    slimmed: z.number(),
  }),
  /** Counts within a budget were searched on `images` images; `judges` other images decided whether they are better. */
  z.strictObject({
    step: z.literal('searched'),
    measure,
    images: count,
    judges: count,
    candidates: count,
    start: countsAndDivergence,
    found: countsAndDivergence,
    /** 95 % interval of the difference, found minus start. */
    interval,
    taken: z.enum(['start', 'found']),
  }),
  /**
   * The method was chosen. Candidates, best first, with the percentage of images that keep their class, if there are
   * classes; and the methods that could not reach the schedule.
   */
  z.strictObject({
    step: z.literal('chosen'),
    measure,
    images: count,
    candidates: z.array(
      z.strictObject({ method: z.string(), divergence: z.number(), agreement: z.optional(z.number()) }),
    ),
    refused: z.array(z.strictObject({ method: z.string(), reason: z.string() })),
  }),
  /** The weights were adapted to the plan; `judges` other images chose the best epoch. */
  z.strictObject({
    step: z.literal('recovered'),
    measure,
    recovery: z.string(),
    /** The recovery that `auto` took, or `none`, and why. */
    chosen: z.optional(z.strictObject({ recovery: z.string(), because: z.string() })),
    /** Fingerprint of the original weights. */
    from: z.string(),
    images: count,
    judges: count,
    before: z.number(),
    after: z.number(),
    interval: z.optional(interval),
  }),
]);

export const provenanceSchema = z.strictObject({
  /** Program and version that made the plan. */
  tool: z.string(),
  method: z.string(),
  schedule: z.string(),
  /** Multiply-accumulates for one image. */
  macs: z.strictObject({ dense: count, slimmed: count }),
  /** The images that took part in the plan, and the seed of every draw among them. Absent if there were none. */
  images: z.optional(z.strictObject({ name: z.string(), count, seed: z.int() })),
  steps: z.array(step),
});

/** Provenance of a plan: program, method, schedule, cost, images, and the steps that made it. */
export type Provenance = Readonly<z.infer<typeof provenanceSchema>>;

/** One step in the making of a plan, with its results. */
export type PlanStep = z.infer<typeof step>;

/** A step by its name. */
export type PlanStepOf<Name extends PlanStep['step']> = Extract<PlanStep, { readonly step: Name }>;

/**
 * The last step of a kind, if it happened.
 *
 * @example
 * findStep(plan.provenance, 'chosen')?.candidates;
 */
export function findStep<const Name extends PlanStep['step']>(
  { steps }: Pick<Provenance, 'steps'>,
  name: Name,
): PlanStepOf<Name> | undefined {
  return steps.findLast((one): one is PlanStepOf<Name> => one.step === name);
}
