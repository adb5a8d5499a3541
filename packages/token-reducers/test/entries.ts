/** Blocks with reducers, for tests. */

import type { ScoreData } from '@patchslim/importance-estimators';
import type { BlockPlan } from '@patchslim/vit-models';
import { createReducer, type ReducerName, type ReducerOptions } from '../src/index.js';

/** A block that leaves `count` rows. */
export const reduce = <Name extends ReducerName>(
  count: number,
  ...args: Parameters<typeof createReducer<Name>>
): BlockPlan => ({ kind: 'reduce', count, reducer: createReducer(...args) });

export const keepTop = (
  count: number,
  rest?: 'fuse',
  name: Exclude<ScoreData['name'], 'predictor'> = 'class-attention',
): BlockPlan => reduce<'top-k'>(count, 'top-k', { score: { name }, rest } satisfies ReducerOptions<'top-k'>);
