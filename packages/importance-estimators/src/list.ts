/** Every score. To add one: write its file, add one line here. */

export { attentionNorm } from './attention-norm.js';
export { attentionReceived } from './attention-received.js';
export { classAttention } from './class-attention.js';
export { featureNorm } from './feature-norm.js';
export { globalClassAttention } from './global-class-attention.js';
export { impact } from './impact.js';
export { predictor } from './predictor.js';
export { random } from './random.js';
export { rollout } from './rollout.js';
export { sampledAttention } from './sampled-attention.js';
export { uniform } from './uniform.js';
export { valueNorm } from './value-norm.js';
