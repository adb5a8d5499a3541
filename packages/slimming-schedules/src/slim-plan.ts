/**
 * The slim plan: the file a user keeps and the value that passes between packages. It says what each block of one
 * particular model keeps, and how that was found. JSON, versioned, validated on reading; reducers are in it by name, with
 * their options.
 */

import { PatchslimError } from '@patchslim/tensor';
import { planBlockSchema, resolveBlocks, toPlanBlocks } from '@patchslim/token-reducers';
import { prefixTokens, tokenCount, traceCounts, type BlockPlan, type VitConfig } from '@patchslim/vit-models';
import * as z from 'zod/mini';
import { currentBackendName, withCurrentBackendName } from './backend-names.js';
import { describeForeign } from './describe-foreign.js';
import { upgradeVersion1 } from './plan-version-1.js';

const position = z.int().check(z.nonnegative());
const searched = z.strictObject({ counts: z.array(position), divergence: z.number() });

const provenance = z.strictObject({
  /** Program and version that made the plan. */
  tool: z.string(),
  method: z.string(),
  estimator: z.string(),
  /** Whether deeper blocks were dense or already slimmed when a block was scored. */
  attention: z.enum(['dense', 'slimmed']),
  schedule: z.string(),
  keys: z.enum(['compact', 'all']),
  seed: z.int(),
  /** Folder or name of the calibration images, and how many were used. */
  data: z.string(),
  images: z.int(),
  /** Multiply-accumulates for one image. */
  macs: z.strictObject({ dense: z.int(), slimmed: z.int() }),
  /** Top-down only: error one block above each block, in the norm of the schedule. */
  errors: z.optional(z.array(z.nullable(z.number()))),
  /**
   * Plans that rank the tokens of each image only: the part of the variance of its scores, 0 to 1, that a predictor
   * explains on images it did not learn from, and what positions alone explain; null for blocks without a predictor.
   */
  predictor: z.optional(
    z.strictObject({ r2: z.array(z.nullable(z.number())), staticR2: z.array(z.nullable(z.number())) }),
  ),
  /**
   * Methods that were tried on images, the best first: divergence of their classes from the dense network's in nats, and
   * percent of images with the same class. The plan is that of the first.
   */
  candidates: z.optional(
    z.array(z.strictObject({ method: z.string(), divergence: z.number(), agreement: z.number() })),
  ),
  /** Methods that cannot reach the schedule, and why; the plan was chosen from the others. */
  refused: z.optional(z.array(z.strictObject({ method: z.string(), reason: z.string() }))),
  /**
   * Counts that were searched for on the calibration images: how many different ones, divergences from the dense network's
   * classes on `heldBack` other images in nats, of the counts begun with and of those found, the 95 % interval of the
   * difference, and which of the two the plan has: those found where the interval is below zero.
   */
  search: z.optional(
    z.strictObject({
      heldBack: z.int(),
      candidates: z.int(),
      start: searched,
      found: searched,
      interval: z.tuple([z.number(), z.number()]),
      taken: z.enum(['start', 'found']),
    }),
  ),
  /** A budget that is a time: of one image in ms, measured dense, and slimmed by measured times of blocks. */
  latency: z.optional(
    z.strictObject({ backend: z.string(), batch: z.int(), dense: z.number(), slimmed: z.number() }),
  ),
  /**
   * The weights that the plan is for were adapted to it: how, from which network, on which images; and on images that were
   * held back the divergence of the classes from the dense network's in nats, before and after, with the 95 % interval of
   * the change. These images told when to stop, so they do not judge: `evaluation` of a report does.
   */
  recovery: z.optional(
    z.strictObject({
      spec: z.string(),
      dense: z.string(),
      data: z.string(),
      images: z.int(),
      heldBack: z.strictObject({
        images: z.int(),
        before: z.number(),
        after: z.number(),
        interval: z.optional(z.tuple([z.number(), z.number()])),
      }),
    }),
  ),
});

const slimPlan = z.strictObject({
  format: z.literal('patchslim-plan'),
  version: z.literal(2),
  model: z.strictObject({
    name: z.string(),
    /** Hash of architecture and weights. */
    fingerprint: z.string(),
    depth: z.int(),
    tokens: z.int(),
    prefixTokens: z.int(),
  }),
  blocks: z.array(planBlockSchema),
  provenance,
});

/** In characters; plans of the largest models known have a hundredth of it. */
const longestPlan = 64_000_000;

/** Problems of a plan that its error names; a wrong file can have one in every token. */
const namedProblems = 10;

/** What each block of one model computes, and where that comes from: the content of `plan.json`. */
export type SlimPlan = Readonly<z.infer<typeof slimPlan>>;
/** Where a plan comes from: tool, method, schedule, images, seed, and what it costs. */
export type Provenance = Readonly<z.infer<typeof provenance>>;

/** What a plan must know of the model it is for. */
export interface PlannedModel {
  readonly config: VitConfig;
  readonly fingerprint: string;
}

/**
 * Makes a plan of blocks. Numbers of reducers' options are rounded to seven digits, in memory as in the file.
 * @throws PLAN_INVALID when the blocks do not fit the model; UNKNOWN_NAME for a reducer that is not in the table
 */
export function createPlan(model: PlannedModel, blocks: readonly BlockPlan[], origin: Provenance): SlimPlan {
  const { config, fingerprint } = model;
  traceCounts(config, blocks);
  return {
    format: 'patchslim-plan',
    version: 2,
    model: {
      name: config.name,
      fingerprint,
      depth: config.depth,
      tokens: tokenCount(config),
      prefixTokens: prefixTokens(config),
    },
    blocks: toPlanBlocks(blocks),
    provenance: origin,
  };
}

/**
 * Reads a plan from JSON text. A plan of format version 1 becomes one of version 2, and a backend that an older plan calls
 * otherwise (`onnx-cpu`) gets the name of today (`native`).
 * @param source named in errors: a file name
 * @throws PLAN_INVALID with the place in the file that is wrong
 */
export function parsePlan(text: string, source = 'plan'): SlimPlan {
  const refuse = (problem: string, cause?: unknown) =>
    new PatchslimError('PLAN_INVALID', `parsePlan(): ${source} ${problem}`, { source }, cause);
  if (text.length > longestPlan) throw refuse(`is no slim plan: it has more than ${longestPlan} characters`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw refuse('is not JSON; give the plan.json that `patchslim slim` wrote', cause);
  }
  const foreign = describeForeign(json);
  if (foreign !== undefined) throw refuse(`is no slim plan: ${foreign}`);
  const result = validate(upgradeVersion1(json), refuse);
  if (result.success) return withCurrentNames(result.data);
  const { issues } = result.error;
  const problems = issues
    .slice(0, namedProblems)
    .map(({ path, message }) => `${path.join('.') || 'top level'}: ${message}`);
  const more = issues.length > problems.length ? `; and ${issues.length - problems.length} more` : '';
  throw new PatchslimError(
    'PLAN_INVALID',
    `parsePlan(): ${source} is no slim plan of version 2; ${problems.join('; ')}${more}`,
    { source, problems },
  );
}

function withCurrentNames(plan: SlimPlan): SlimPlan {
  const { schedule, latency } = plan.provenance;
  return {
    ...plan,
    provenance: {
      ...plan.provenance,
      schedule: withCurrentBackendName(schedule),
      ...(latency && { latency: { ...latency, backend: currentBackendName(latency.backend) } }),
    },
  };
}

function validate(json: unknown, refuse: (problem: string, cause: unknown) => PatchslimError) {
  try {
    // Without a locale, zod/mini says "Invalid input" whatever the problem; given here, no global setting is touched.
    return z.safeParse(slimPlan, json, { error: z.locales.en().localeError });
  } catch (cause) {
    // zod passes lists of problems on as arguments, and there can be more than a call takes.
    throw refuse('is no slim plan of version 2; it has more problems than can be listed', cause);
  }
}

/** The plan as text, one line per block. */
export function formatPlan(plan: SlimPlan): string {
  const { blocks, ...rest } = plan;
  const head = JSON.stringify(rest, null, 2).slice(0, -2);
  return `${head},\n  "blocks": [\n${blocks.map((entry) => `    ${JSON.stringify(entry)}`).join(',\n')}\n  ]\n}\n`;
}

/**
 * The blocks of a plan for the forward pass, once it is sure that they are for this model. Without a fingerprint (no weights were read) the plan
 * must be for a model of the same name.
 * @throws PLAN_MISMATCH for another architecture or other weights; PLAN_INVALID for blocks that cannot be run
 */
export function blocksFor(
  plan: SlimPlan,
  model: Pick<PlannedModel, 'config'> & Partial<PlannedModel>,
): BlockPlan[] {
  const { config, fingerprint } = model;
  const made = plan.model;
  if (
    made.depth !== config.depth ||
    made.tokens !== tokenCount(config) ||
    made.prefixTokens !== prefixTokens(config)
  ) {
    throw new PatchslimError(
      'PLAN_MISMATCH',
      `blocksFor(): the plan is for ${made.name} with ${made.depth} blocks and ${made.tokens} tokens; ` +
        `this is ${config.name} with ${config.depth} blocks and ${tokenCount(config)} tokens`,
      { plan: made, model: config },
    );
  }
  if (fingerprint === undefined) {
    if (made.name !== config.name) {
      throw new PatchslimError(
        'PLAN_MISMATCH',
        `blocksFor(): the plan is for ${made.name}, this is ${config.name}; name the model that the plan is for, or give its weights`,
        { plan: made.name, model: config.name },
      );
    }
  } else if (made.fingerprint !== fingerprint) {
    throw new PatchslimError(
      'PLAN_MISMATCH',
      `blocksFor(): the plan was made for other weights of ${made.name} ` +
        `(${made.fingerprint.slice(0, 12)}…, these are ${fingerprint.slice(0, 12)}…); make a plan with \`patchslim slim\``,
      { plan: made.fingerprint, model: fingerprint },
    );
  }
  const blocks = resolveBlocks(plan.blocks);
  traceCounts(config, blocks);
  return blocks;
}
