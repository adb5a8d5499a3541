/** Plan blocks by the name of a reducer, with the default options of their place. */

import { PatchslimError } from '@patchslim/tensor';
import type { BlockPlan } from '@patchslim/vit-models';
import * as z from 'zod/mini';
import type { ReducerPlace } from './define-reducer.js';
import { describeIssue } from './describe-issue.js';
import { findReducer, type ReducerName, type ReducerOptions } from './reducers.js';

/**
 * Makes a block whose reducer leaves `place.count` tokens. Missing options get the defaults of the place.
 *
 * @throws UNKNOWN_NAME for a reducer that does not exist; INVALID_ARGUMENT for a missing option without a default, or
 *   an invalid value
 * @example
 * reduceTo('pitome', { config, block: 3, reaching: 197, count: 180 });
 * reduceTo('top-k', { config, block: 3, reaching: 197, count: 180 }, { score: { name: 'class-attention' } });
 */
export function reduceTo<Name extends ReducerName>(
  name: Name,
  place: ReducerPlace,
  options?: Partial<ReducerOptions<Name>>,
): Extract<BlockPlan, { kind: 'reduce' }> {
  const reducer = findReducer(name);
  const all = { ...reducer.optionsAt(place), ...options };
  const { error } = z.safeParse(reducer.schema, { name, ...all });
  if (error) {
    const [issue] = error.issues;
    throw new PatchslimError(
      'INVALID_ARGUMENT',
      `reduceTo(): options of '${name}' for block ${place.block}: ${issue!.path.join('.')}: ${describeIssue(issue!)}`,
      { name, options: { ...options } },
    );
  }
  return { kind: 'reduce', count: place.count, reducer: reducer.create(all) };
}
