/**
 * A vision transformer that merges, ranks and fuses tokens by its own attention, in plain loops over the tokens of one
 * image. Knows dense blocks besides, and ones that keep the prefix tokens.
 */

import type { HostTensor } from '@patchslim/tensor';
import type { BlockParams, BlockPlan, VitConfig, VitParams } from '../src/index.js';
import { isBehindAttention, plainChoice } from './plain-choices.js';
import { dot, type Token } from './plain-tokens.js';
import { affine, norm, normalCdf, plainEmbedding, plus } from './plain-vit.js';

type Host = HostTensor<'float32'>;

/** What a query attends to, head by head: `[head][key]`, proportional to the sizes of the tokens. */
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
  tokens: readonly Token[],
  prefix: number,
): readonly Token[] {
  const normed = (x: number[]) => norm(x, params.norm1, config.layerNormEps);
  const keys = tokens.map(({ x }) => affine(normed(x), params.key));
  const values = tokens.map(({ x }) => affine(normed(x), params.value));
  const headWidth = config.width / config.heads;
  const attentionOf = (x: number[]) => attend(config, affine(normed(x), params.query), keys, tokens);
  const attention = tokens.map(({ x }) => attentionOf(x));
  const chooses = 'count' in entry && entry.count < tokens.length;
  const known = { config, prefix, tokens, keys, values, attention };
  const before = chooses && !isBehindAttention(entry);
  const whole = (
    before ? plainChoice(entry, tokens, known) : entry.kind === 'keep' ? tokens.slice(0, prefix) : tokens
  ).map((token): Token => {
    const heads = attentionOf(token.x);
    const mixed = token.x.map((_, c) =>
      values.reduce((sum, value, j) => sum + heads[Math.floor(c / headWidth)]![j]! * value[c]!, 0),
    );
    return { ...token, x: plus(token.x, affine(mixed, params.projection)) };
  });
  const middle = chooses && !before ? plainChoice(entry, whole, known) : whole;
  return middle.map((token) => {
    const hidden = affine(norm(token.x, params.norm2, config.layerNormEps), params.mlp1).map(
      (v) => v * normalCdf(v),
    );
    return { ...token, x: plus(token.x, affine(hidden, params.mlp2)) };
  });
}

export interface PlainDynamic {
  readonly logits: number[];
  /** Per block, the position and the size of each row that leaves it. */
  readonly positions: readonly number[][];
  readonly sizes: readonly number[][];
  /** Positions of the tokens that are in each row. */
  readonly members: readonly number[][][];
}

/** The whole network on one image. */
export function plainDynamicForward(
  config: VitConfig,
  params: VitParams<Host>,
  image: Float32Array,
  plan: readonly BlockPlan[],
): PlainDynamic {
  const prefix = params.prefix.shape[1]!;
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
  const heads = [params.head, ...(params.distilledHead ? [params.distilledHead] : [])];
  const all = heads.map((head, row) => affine(norm(tokens[row]!.x, params.norm, config.layerNormEps), head));
  return {
    logits: all[0]!.map((_, c) => all.reduce((sum, one) => sum + one[c]!, 0) / all.length),
    positions,
    sizes,
    members,
  };
}
