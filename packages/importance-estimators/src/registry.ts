/** Estimators by name. */

import { findByName } from '@patchslim/tensor';
import type { Estimator } from './estimator.js';
import * as list from './list.js';

/** All estimators, in alphabetical order. */
export const estimators: readonly Estimator[] = Object.values(list);

/**
 * An estimator by its name.
 *
 * @throws UNKNOWN_NAME with near matches
 */
export const findEstimator = (name: string): Estimator => findByName(estimators, name, 'estimator');
