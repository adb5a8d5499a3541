/** A block of the small model whose reducer leaves `count` rows. */

import { createReducer, type ReducerName } from '@patchslim/token-reducers';
import type { BlockPlan } from '@patchslim/vit-models';

export const reduceTo = <Name extends ReducerName>(
  count: number,
  ...reducer: Parameters<typeof createReducer<Name>>
): BlockPlan => ({ kind: 'reduce', count, reducer: createReducer(...reducer) });
