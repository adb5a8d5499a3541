/** Blocks of a plan as plain JSON, validated by the schemas of the reducers, and for the forward pass. */

import type { BlockPlan } from '@patchslim/vit-models';
import * as z from 'zod/mini';
import { findReducer, reducerSchema, type ReducerData } from './reducers.js';

const wholeNumber = z.int().check(z.nonnegative());

const schema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('dense') }),
  z.strictObject({
    kind: z.literal('keep'),
    keep: z.array(wholeNumber),
    keys: z.enum(['compact', 'all']),
  }),
  z.strictObject({ kind: z.literal('reduce'), count: wholeNumber, reducer: reducerSchema }),
]);

/** One block of a plan as plain JSON: `BlockPlan` with the name and options of its reducer. */
export type PlanBlock = z.output<typeof schema>;

/** The schema of one block of a plan. */
export const planBlockSchema: z.ZodMiniType<PlanBlock> = schema;

/**
 * Converts blocks for the forward pass: names of reducers become reducers.
 *
 * @throws UNKNOWN_NAME for a reducer that does not exist
 * @example
 * forward(model, images, { plan: resolveBlocks(plan.blocks) });
 */
export function resolveBlocks(blocks: readonly PlanBlock[]): BlockPlan[] {
  return blocks.map((entry) => {
    if (entry.kind !== 'reduce') return entry;
    const { name, ...options } = entry.reducer;
    return { ...entry, reducer: findReducer(name).create(options) };
  });
}

/**
 * Converts blocks to plain JSON: reducers become their names and options. Numbers in options are rounded to seven
 * digits.
 *
 * @throws UNKNOWN_NAME for a reducer that is not in the table: plans cannot store it
 */
export function toPlanBlocks(blocks: readonly BlockPlan[]): PlanBlock[] {
  return blocks.map((entry) => {
    switch (entry.kind) {
      case 'dense':
        return { kind: 'dense' };
      case 'keep':
        return { kind: 'keep', keep: [...entry.keep], keys: entry.keys };
      case 'reduce': {
        const { name } = findReducer(entry.reducer.name);
        const reducer = { name, ...(rounded(entry.reducer.options) as object) } as ReducerData;
        return { kind: 'reduce', count: entry.count, reducer };
      }
      default:
        return entry satisfies never;
    }
  });
}

/** A copy of plain JSON with every number rounded to seven digits. */
function rounded(value: unknown): unknown {
  if (typeof value === 'number') return Number(value.toPrecision(7));
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rounded(inner)]));
}
