/**
 * A vision transformer with reducers, as plain loops over the tokens of one image. Written from the equations,
 * without library code.
 */

import { plainBlock } from './block.js';
import { plainEmbedding } from './embedding.js';
import { prefixOf, type PlainConfig, type PlainEntry, type PlainParams } from './network.js';
import { plainLogits } from './output.js';
import { plainPhase, plainReduce } from './reducers.js';
import type { Token } from './tokens.js';

function throughBlock(
  config: PlainConfig,
  params: PlainParams,
  index: number,
  entry: PlainEntry,
  reaching: readonly Token[],
): readonly Token[] {
  const prefix = prefixOf(config).length;
  // Reducers expect the prefix tokens first; the order of the other rows does not matter.
  const isPrefix = ({ position }: Token) => position < prefix;
  const tokens =
    entry.kind === 'reduce'
      ? [
          ...reaching.filter(isPrefix).sort((a, b) => a.position - b.position),
          ...reaching.filter((token) => !isPrefix(token)),
        ]
      : reaching;
  const block = plainBlock(config, params, index, tokens);
  const reduced = (phase: string, now: readonly Token[]) => {
    if (entry.kind !== 'reduce' || entry.count === tokens.length) return now;
    if (plainPhase(entry.reducer) !== phase) return now;
    const { keys, values } = block;
    return plainReduce(entry.reducer, entry.count, now, {
      ...{ config, prefix, tokens, keys, values },
      attention: tokens.map(block.attention),
      classAttention: block.classAttention(),
    });
  };
  const computed =
    entry.kind === 'keep'
      ? entry.keep.map((kept) => tokens.find(({ position }) => position === kept)!)
      : reduced('before-queries', tokens);
  const attended = computed.map((token): Token => ({ ...token, x: block.attended(token) }));
  const left = reduced('after-attention', attended).map((token) => ({
    ...token,
    x: block.computed(token.x),
  }));
  // Behind the last block nothing reads the rows that pass through it.
  const passing =
    entry.kind === 'keep' && entry.keys === 'all' && index < params.blocks.length - 1 ? tokens : [];
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
  config: PlainConfig,
  params: PlainParams,
  image: ArrayLike<number>,
  plan: readonly PlainEntry[],
): PlainForward {
  let tokens: readonly Token[] = plainEmbedding(config, params, image).map((x, position) => {
    return { x, position, size: 1, members: [position] };
  });
  const [positions, sizes, members]: [number[][], number[][], number[][][]] = [[], [], []];
  for (const [index, entry] of plan.entries()) {
    tokens = throughBlock(config, params, index, entry, tokens);
    positions.push(tokens.map(({ position }) => position));
    sizes.push(tokens.map(({ size }) => size));
    members.push(tokens.map((token) => [...token.members]));
  }
  return { logits: plainLogits(config, params, tokens), positions, sizes, members };
}
