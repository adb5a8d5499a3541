/** A learned probe attends to all tokens, an MLP with a residual follows (SigLIP's head, attention pooling of Set Transformer). */

import {
  add,
  attention,
  broadcastTo,
  linear as dense,
  log,
  matMul,
  mul,
  named,
  reshape,
  softmax,
  transpose,
} from '@patchslim/tensor';
import { switchesOf } from '../config.js';
import { mlpOf, normed } from '../layers.js';
import { linear, norm, value } from '../param-entry.js';
import type { Pool } from './pool.js';

export const attentionPool: Pool = {
  readsPatches: true,
  width: ({ width }) => width,
  params({ width, mlpWidth }) {
    const square = [width, width] as const;
    return [
      value('pool.probe', 'attn_pool.latent', [1, 1, width]),
      ...linear('pool.query', 'attn_pool.q', square),
      ...linear('pool.key', 'attn_pool.kv', square),
      ...linear('pool.value', 'attn_pool.kv', square),
      ...linear('pool.projection', 'attn_pool.proj', square),
      ...norm('pool.norm', 'attn_pool.norm', width),
      ...linear('pool.mlp1', 'attn_pool.mlp.fc1', [width, mlpWidth]),
      ...linear('pool.mlp2', 'attn_pool.mlp.fc2', [mlpWidth, width]),
    ];
  },
  read(config, { pool }, { tokens, sizes }) {
    const [batch, rows, width] = tokens.shape as [number, number, number];
    const { probe, query, key, value: values, projection, norm: beforeMlp, ...mlp } = pool!;
    return named(tokens.backend, 'attn_pool', () => {
      const asked = broadcastTo(dense(probe, query.weight, query.bias), [batch, 1, width]);
      const keys = dense(tokens, key.weight, key.bias);
      const mixed = attention(asked, keys, dense(tokens, values.weight, values.bias), config.heads, {
        bias: sizes && reshape(log(sizes), [batch, 1, 1, rows]),
      });
      const x = dense(mixed, projection.weight, projection.bias);
      const plain = {
        ...config,
        mlp: 'plain',
        mlpNorm: false,
        activation: switchesOf(config).activation,
      } as const;
      const result = add(x, mlpOf(plain, mlp, normed(config, beforeMlp, x)));
      return [reshape(result, [batch, width])];
    });
  },
  attention(config, { norm: lastNorm, pool }, { tokens, sizes }) {
    const { heads, width } = config;
    const [batch, rows] = tokens.shape as [number, number];
    const isOnTokens = switchesOf(config).lastNorm === 'tokens';
    const { probe, query, key } = pool!;
    const channels = width / heads;
    const asked = reshape(dense(probe, query.weight, query.bias), [heads, channels, 1]);
    // Key projection and query in one: `x (K q)` in place of `(x K) q`. The bias of the keys is the same for all tokens.
    const byHead = transpose(reshape(key.weight, [width, heads, channels]), [1, 0, 2]);
    const folded = transpose(reshape(matMul(byHead, asked), [heads, width]), [1, 0]);
    const products = mul(
      dense(isOnTokens ? normed(config, lastNorm!, tokens) : tokens, folded),
      1 / Math.sqrt(channels),
    );
    const logits = reshape(transpose(products, [0, 2, 1]), [batch, heads, 1, rows]);
    return softmax(sizes ? add(logits, reshape(log(sizes), [batch, 1, 1, rows])) : logits);
  },
  attentionMacs: ({ width, heads }, rows) => 2 * width ** 2 + rows * width * heads,
  macs: ({ width, mlpWidth }, rows) =>
    2 * width ** 2 + 2 * rows * width ** 2 + 2 * rows * width + 2 * width * mlpWidth,
};
