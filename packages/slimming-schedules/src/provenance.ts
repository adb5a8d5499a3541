/** Where a plan comes from: the steps that made it, in their order. A step that was not taken is not there. */

import * as z from 'zod/mini';

const count = z.int().check(z.nonnegative());
const interval = z.tuple([z.number(), z.number()]);
const countsAndDivergence = z.strictObject({ counts: z.array(count), divergence: z.number() });

/** Divergences are from the dense network's classes, in nats (mean over images); intervals are of 95 %. */
const step = z.discriminatedUnion('step', [
  /** A score was averaged over images. */
  z.strictObject({
    step: z.literal('scored'),
    score: z.string(),
    /** Whether the blocks behind the scored one were dense or already slimmed. */
    deeperBlocks: z.enum(['dense', 'slimmed']),
    images: count,
  }),
  /** Algorithm 1 chose how many tokens each block keeps: the error one block above at which it stopped; null where it did not search. */
  z.strictObject({ step: z.literal('top-down'), errors: z.array(z.nullable(z.number())) }),
  /**
   * Predictors of a score were fitted: the share of the variance, 0 to 1, that each explains on images that it did not learn
   * from, and the share that positions alone explain; null for a block without a predictor.
   */
  z.strictObject({
    step: z.literal('fitted'),
    score: z.string(),
    images: count,
    r2: z.array(z.nullable(z.number())),
    staticR2: z.array(z.nullable(z.number())),
  }),
  /** Blocks were timed, ms for one image: the dense network as measured, the slimmed one as its blocks add up. */
  z.strictObject({
    step: z.literal('timed'),
    backend: z.string(),
    batch: count,
    dense: z.number(),
    slimmed: z.number(),
  }),
  /** Counts within a budget were searched for on `images`; `judges` other images then decided whether they are better. */
  z.strictObject({
    step: z.literal('searched'),
    images: count,
    judges: count,
    candidates: count,
    start: countsAndDivergence,
    found: countsAndDivergence,
    /** Of the difference, found minus start. */
    interval,
    taken: z.enum(['start', 'found']),
  }),
  /** The method was chosen: the best first, with percent of the images that keep their class; and those that could not do it. */
  z.strictObject({
    step: z.literal('chosen'),
    images: count,
    candidates: z.array(
      z.strictObject({ method: z.string(), divergence: z.number(), agreement: z.number() }),
    ),
    refused: z.array(z.strictObject({ method: z.string(), reason: z.string() })),
  }),
  /** The weights were adapted to the plan; `judges` other images chose the best epoch. */
  z.strictObject({
    step: z.literal('recovered'),
    recovery: z.string(),
    /** Fingerprint of the weights before. */
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
  /** The images that had a part in the plan, and the seed of every draw among them; absent when none had. */
  images: z.optional(z.strictObject({ name: z.string(), count, seed: z.int() })),
  steps: z.array(step),
});

/** Where a plan comes from: program, method, schedule, cost, images, and the steps that made it. */
export type Provenance = Readonly<z.infer<typeof provenanceSchema>>;

/** One thing that happened while a plan was made, with what it found. */
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
