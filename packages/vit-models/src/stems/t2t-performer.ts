/** T2T-ViT's stem with linear attention by random features (Performer, arXiv 2009.14794). */

import { add, div, exp, matMul, mul, sub, sum, type Tensor } from '@patchslim/tensor';
import { value } from '../param-entry.js';
import { t2tStem, tokenWidth } from './t2t.js';

/** Random features; drawn once and stored with the weights. */
const features = 32;

export const performerStem = t2tStem({
  names: {
    joined: 'kqv',
    order: ['key', 'query', 'value'],
    projection: 'proj',
    mlp1: 'mlp.0',
    mlp2: 'mlp.2',
  },
  joinedBias: true,
  params: (path, tensor) => [value(`${path}.features`, `${tensor}.w`, [features, tokenWidth])],
  /** `φ(q) (φ(k)ᵀ v) / (φ(q) Σ φ(k) + 1e-8)`: linear in the number of tokens. */
  mix(layer, queries, keys, values) {
    const [ofQueries, ofKeys] = [queries, keys].map((x) => randomFeatures(x, layer.features!)) as [
      Tensor,
      Tensor,
    ];
    const mixed = matMul(ofQueries, matMul(ofKeys, values, { transposeA: true }));
    const total = matMul(ofQueries, sum(ofKeys, 1, { keepDims: true }), { transposeB: true });
    return div(mixed, add(total, 1e-8));
  },
  macs: (tokens) => tokens * features * (4 * tokenWidth + 1),
});

/** `φ(x) = exp(w x − |x|² / 2) / √m`: `[B, L, 64] → [B, L, m]`. */
function randomFeatures(x: Tensor, w: Tensor): Tensor {
  const half = mul(sum(mul(x, x), -1, { keepDims: true }), 0.5);
  return mul(exp(sub(matMul(x, w, { transposeB: true }), half)), 1 / Math.sqrt(features));
}
