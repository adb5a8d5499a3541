/**
 * A vision transformer with reducers, as plain loops over the tokens of one image. Written from the equations,
 * without library code.
 */

import type { HostTensor } from '@patchslim/tensor';
import {
  prefixTokens,
  type BlockParams,
  type BlockPlan,
  type VitConfig,
  type VitParams,
} from '@patchslim/vit-models';
import { affine, norm, normalCdf, plainEmbedding, plus } from './plain-layers.js';
import { plainPhase, plainReduce } from './plain-reducers.js';
import { dot, type Token } from './plain-tokens.js';

type Host = HostTensor<'float32'>;

/** Attention of a query, `[head][key]`, proportional to the sizes of the tokens. */
function attend(config: VitConfig, query: number[], keys: number[][], tokens: readonly Token[]): number[][] {
  const width = config.width / config.heads;
  return Array.from({ length: config.heads }, (_, h) => {
    const part = (v: number[]) => v.slice(h * width, (h + 1) * width);
    const powers = keys.map(
      (key, j) => tokens[j]!.size * Math.exp(dot(part(query), part(key)) / Math.sqrt(width)),
    );
    const total = powers.reduce((a, b) => a + b, 0);
    return powers.map((power) => power / total);
  });
}

function plainBlock(
  config: VitConfig,
  params: BlockParams<Host>,
  entry: BlockPlan,
  reaching: readonly Token[],
  prefix: number,
): readonly Token[] {
  // Reducers expect the prefix tokens first; the order of the other rows does not matter.
  const isPrefix = ({ position }: Token) => position < prefix;
  const tokens =
    entry.kind === 'reduce'
      ? [
          ...reaching.filter(isPrefix).sort((a, b) => a.position - b.position),
          ...reaching.filter((token) => !isPrefix(token)),
        ]
      : reaching;
  const normed = (x: number[]) => norm(x, params.norm1, config.layerNormEps);
  const keys = tokens.map(({ x }) => affine(normed(x), params.key));
  const values = tokens.map(({ x }) => affine(normed(x), params.value));
  const headWidth = config.width / config.heads;
  const attentionOf = (x: number[]) => attend(config, affine(normed(x), params.query), keys, tokens);
  const attention = tokens.map(({ x }) => attentionOf(x));
  const known = { config, prefix, tokens, keys, values, attention };
  const reduced = (phase: string, now: readonly Token[]) =>
    entry.kind === 'reduce' && entry.count < tokens.length && plainPhase(entry.reducer) === phase
      ? plainReduce(entry.reducer, entry.count, now, known)
      : now;
  const computed =
    entry.kind === 'keep'
      ? entry.keep.map((kept) => tokens.find(({ position }) => position === kept)!)
      : reduced('before-queries', tokens);
  const whole = computed.map((token): Token => {
    const heads = attentionOf(token.x);
    const mixed = token.x.map((_, c) =>
      values.reduce((sum, value, j) => sum + heads[Math.floor(c / headWidth)]![j]! * value[c]!, 0),
    );
    return { ...token, x: plus(token.x, affine(mixed, params.projection)) };
  });
  const left = reduced('after-attention', whole).map((token) => {
    const hidden = affine(norm(token.x, params.norm2, config.layerNormEps), params.mlp1).map(
      (v) => v * normalCdf(v),
    );
    return { ...token, x: plus(token.x, affine(hidden, params.mlp2)) };
  });
  const passing = entry.kind === 'keep' && entry.keys === 'all' ? tokens : [];
  return [...left, ...passing.filter(({ position }) => left.every((token) => token.position !== position))];
}

export interface PlainForward {
  readonly logits: number[];
  /** Per block, the position and the size of each row that leaves it. */
  readonly positions: readonly number[][];
  readonly sizes: readonly number[][];
  /** Positions of the tokens in each row. */
  readonly members: readonly number[][][];
}

/** The whole network on one image. */
export function plainForward(
  config: VitConfig,
  params: VitParams<Host>,
  image: Float32Array,
  plan: readonly BlockPlan[],
): PlainForward {
  const prefix = prefixTokens(config);
  let tokens: readonly Token[] = plainEmbedding(config, params, image).map((x, position) => {
    return { x, position, size: 1, members: [position] };
  });
  const [positions, sizes, members]: [number[][], number[][], number[][][]] = [[], [], []];
  for (const [index, entry] of plan.entries()) {
    tokens = plainBlock(config, params.blocks[index]!, entry, tokens, prefix);
    positions.push(tokens.map(({ position }) => position));
    sizes.push(tokens.map(({ size }) => size));
    members.push(tokens.map((token) => [...token.members]));
  }
  const heads = [params.head!, ...(params.distilledHead ? [params.distilledHead] : [])];
  const all = heads.map((head, role) => {
    const { x } = tokens.find(({ position }) => position === role)!;
    return affine(norm(x, params.norm!, config.layerNormEps), head);
  });
  return {
    logits: all[0]!.map((_, c) => all.reduce((sum, one) => sum + one[c]!, 0) / all.length),
    positions,
    sizes,
    members,
  };
}
