/** Last norm, pool and head as plain loops. */

import { attend, type PlainRow } from './block.js';
import { affine, mlp, norm, rowOf } from './layers.js';
import { prefixOf, type PlainConfig, type PlainParams } from './network.js';
import { meanRow, plus, total } from './numbers.js';

/** Logits of the rows behind the last block. A network without a head gives its features. */
export function plainLogits(config: PlainConfig, params: PlainParams, rows: readonly PlainRow[]): number[] {
  const { lastNorm = 'tokens', layerNormEps } = config;
  const normed = (x: readonly number[]) => norm(x, params.norm!, layerNormEps);
  const ready = lastNorm === 'tokens' ? rows.map((row) => ({ ...row, x: normed(row.x) })) : rows;
  const features = pooled(config, params, ready).map((x) => (lastNorm === 'pooled' ? normed(x) : x));
  const heads = [params.head, params.distilledHead];
  const logits = features.map((x, i) => (heads[i] ? affine(x, heads[i]) : x));
  return meanRow(
    logits,
    logits.map(() => 1),
  );
}

/** The features of each head. */
function pooled(config: PlainConfig, params: PlainParams, rows: readonly PlainRow[]): (readonly number[])[] {
  const prefix = prefixOf(config);
  const tokenOf = (role: 'class' | 'distillation') =>
    rows.filter(({ position }) => position === prefix.indexOf(role)).map(({ x }) => x);
  const patches = rows.filter(({ position }) => position >= prefix.length);
  const ofPatches = () =>
    meanRow(
      patches.map(({ x }) => x),
      patches.map(({ size }) => size),
    );
  switch (config.pool ?? 'class') {
    case 'class':
      return [...tokenOf('class'), ...tokenOf('distillation')];
    case 'mean':
      return [ofPatches()];
    case 'class-mean':
      return [[...tokenOf('class')[0]!, ...ofPatches()]];
    case 'attention':
      return [attentionPool(config, params, rows)];
    default:
      throw new Error(`no plain loops for the pool ${config.pool}`);
  }
}

/** The probe attends to all rows; an MLP with a residual follows, which is never gated. */
function attentionPool(config: PlainConfig, params: PlainParams, rows: readonly PlainRow[]): number[] {
  const pool = params.pool!;
  const weights = attend(config, {
    query: affine(rowOf(pool.probe, 0), pool.query),
    keys: rows.map(({ x }) => affine(x, pool.key)),
    sizes: rows.map(({ size }) => size),
    bias: () => 0,
  });
  const values = rows.map(({ x }) => affine(x, pool.value));
  const mixed = Array.from({ length: config.width }, (_, c) =>
    total(values.map((value, j) => weights[Math.floor(c / (config.width / config.heads))]![j]! * value[c]!)),
  );
  const x = affine(mixed, pool.projection);
  return plus(x, mlp(config, pool, norm(x, pool.norm, config.layerNormEps)));
}
