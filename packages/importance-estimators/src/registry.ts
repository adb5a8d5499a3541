/** All estimators. To add one: write its file, add one line here. */

import { findByName } from '@patchslim/tensor';
import { attentionNorm } from './attention-norm.js';
import { attentionReceived } from './attention-received.js';
import { classAttention } from './class-attention.js';
import type { Estimator } from './estimator.js';
import { featureNorm } from './feature-norm.js';
import { impact } from './impact.js';
import { random } from './random.js';
import { rollout } from './rollout.js';
import { uniform } from './uniform.js';

export const estimators: readonly Estimator[] = [
  impact,
  classAttention,
  attentionReceived,
  attentionNorm,
  rollout,
  featureNorm,
  random,
  uniform,
];

/** @throws UNKNOWN_NAME with near matches */
export const findEstimator = (name: string): Estimator => findByName(estimators, name, 'estimator');
