/** Last norm, pool and head as plain loops. */

import { probeAttention, type PlainRow } from './attention.js';
import { affine, mlp, norm } from './layers.js';
import { prefixOf, type PlainConfig, type PlainLinear, type PlainParams } from './network.js';
import { meanRow, plus, total } from './numbers.js';

/** Logits of the rows behind the last block. A network without a head gives its features. */
export function plainLogits(config: PlainConfig, params: PlainParams, rows: readonly PlainRow[]): number[] {
  const { lastNorm = 'tokens', layerNormEps } = config;
  const normed = (x: readonly number[]) => norm(x, params.norm!, layerNormEps);
  const ready = lastNorm === 'tokens' ? rows.map((row) => ({ ...row, x: normed(row.x) })) : rows;
  const features = pooled(config, params, ready).map((x) => (lastNorm === 'pooled' ? normed(x) : x));
  const heads = [params.head, params.distilledHead];
  const logits = features.map((x, i) => (heads[i] ? affine(x, heads[i]) : x));
  const { patchHead } = params;
  if (patchHead) return plusLargest(logits[0]!, patchesOf(config, ready), patchHead);
  return meanRow(
    logits,
    logits.map(() => 1),
  );
}

/** LV-ViT adds half of the largest logit of all patches, class by class; a merged row counts once. */
function plusLargest(logits: readonly number[], patches: readonly PlainRow[], head: PlainLinear): number[] {
  const ofPatches = patches.map(({ x }) => affine(x, head));
  return logits.map((value, c) => value + 0.5 * Math.max(...ofPatches.map((one) => one[c]!)));
}

const patchesOf = (config: PlainConfig, rows: readonly PlainRow[]): PlainRow[] =>
  rows.filter(({ position }) => position >= prefixOf(config).length);

/** The features of each head. */
function pooled(config: PlainConfig, params: PlainParams, rows: readonly PlainRow[]): (readonly number[])[] {
  const prefix = prefixOf(config);
  const tokenOf = (role: 'class' | 'distillation') =>
    rows.filter(({ position }) => position === prefix.indexOf(role)).map(({ x }) => x);
  const patches = patchesOf(config, rows);
  const ofPatches = () =>
    meanRow(
      patches.map(({ x }) => x),
      patches.map(({ size }) => size),
    );
  const { pool = 'class' } = config;
  switch (pool) {
    case 'class-patches':
      return [tokenOf('class')[0]!];
    case 'class':
      return [...tokenOf('class'), ...tokenOf('distillation')];
    case 'mean':
      return [ofPatches()];
    case 'class-mean':
      return [[...tokenOf('class')[0]!, ...ofPatches()]];
    case 'attention':
      return [attentionPool(config, params, rows)];
    default:
      return pool satisfies never;
  }
}

/** The probe attends to all rows; an MLP with a residual follows, which is never gated. */
function attentionPool(config: PlainConfig, params: PlainParams, rows: readonly PlainRow[]): number[] {
  const pool = params.pool!;
  const weights = probeAttention(config, pool, rows);
  const values = rows.map(({ x }) => affine(x, pool.value));
  const mixed = Array.from({ length: config.width }, (_, c) =>
    total(values.map((value, j) => weights[Math.floor(c / (config.width / config.heads))]![j]! * value[c]!)),
  );
  const x = affine(mixed, pool.projection);
  return plus(x, mlp(config, pool, norm(x, pool.norm, config.layerNormEps)));
}
