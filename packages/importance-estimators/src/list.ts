/** Every estimator. To add one: write its file, add one line here. */

export { impact } from './impact.js';
export { attentionNorm } from './attention-norm.js';
export { attentionReceived } from './attention-received.js';
export { classAttention } from './class-attention.js';
export { featureNorm } from './feature-norm.js';
export { random } from './random.js';
export { rollout } from './rollout.js';
export { uniform } from './uniform.js';
