/** Plain-loop oracle of the networks: embedding, blocks, reducers, scores and outputs, without code of the library. */

export { plainBlock } from './block.js';
export { plainEmbedding } from './embedding.js';
export { familyConfigs } from './family-configs.js';
export { plainForward, type PlainForward } from './forward.js';
export { affine as plainAffine, norm as plainNorm } from './layers.js';
export type { PlainConfig, PlainEntry, PlainParams } from './network.js';
export { plainLogits } from './output.js';
export { plainReducerNames } from './reducers.js';
export { plainScores, type PlainRows } from './scores.js';
