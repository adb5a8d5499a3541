/**
 * The slim plan: the file that a user keeps, and the value that packages exchange. It lists the tokens that each
 * block of one model keeps, and how they were found. JSON, versioned, validated on reading. It stores reducers by
 * name, with their options.
 */

import { PatchslimError } from '@patchslim/tensor';
import { planBlockSchema, resolveBlocks, toPlanBlocks } from '@patchslim/token-reducers';
import { prefixTokens, tokenCount, traceCounts, type BlockPlan, type VitConfig } from '@patchslim/vit-models';
import * as z from 'zod/mini';
import { describeForeign } from './describe-foreign.js';
import { provenanceSchema, type Provenance } from './provenance.js';
import { upgradePlan } from './upgrade-plan.js';

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
  provenance: provenanceSchema,
});

/** In characters; plans of the largest known models have a hundredth of it. */
const longestPlan = 64_000_000;

/** Most problems that an error lists; a wrong file can have one in every token. */
const namedProblems = 10;

/** The content of `plan.json`: what each block of one model computes, and the provenance. */
export type SlimPlan = Readonly<z.infer<typeof slimPlan>>;

/** The model of a plan. */
export interface PlannedModel {
  readonly config: VitConfig;
  readonly fingerprint: string;
}

/**
 * Makes a plan from blocks. Numbers in reducers' options are rounded to seven digits, in memory and in the file.
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
 * Reads a plan from JSON text. Older plans are converted to format version 2: provenance as a list of steps, and
 * current names of backends (`native` for `onnx-cpu`).
 * @param source name for errors, such as a file name
 * @throws PLAN_INVALID with the place of the problem in the file
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
  const result = validate(upgradePlan(json), refuse);
  if (result.success) return result.data;
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

function validate(json: unknown, refuse: (problem: string, cause: unknown) => PatchslimError) {
  try {
    // Without a locale, zod/mini reports every problem as "Invalid input". Passing it here changes no global setting.
    return z.safeParse(slimPlan, json, { error: z.locales.en().localeError });
  } catch (cause) {
    // zod spreads lists of problems into arguments, and there can be more than a call allows.
    throw refuse('is no slim plan of version 2; it has more problems than can be listed', cause);
  }
}

/** Formats a plan as text, one line per block. */
export function formatPlan(plan: SlimPlan): string {
  const { blocks, ...rest } = plan;
  const head = JSON.stringify(rest, null, 2).slice(0, -2);
  return `${head},\n  "blocks": [\n${blocks.map((entry) => `    ${JSON.stringify(entry)}`).join(',\n')}\n  ]\n}\n`;
}

/**
 * Checks that a plan belongs to this model, and returns its blocks for the forward pass. Without a fingerprint (no
 * weights were read) the plan must be for a model of the same name.
 * @throws PLAN_MISMATCH for another architecture or other weights; PLAN_INVALID for blocks that cannot run
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
