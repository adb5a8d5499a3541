/**
 * A vision transformer that merges, ranks and fuses tokens by its own attention, in plain loops over the tokens of one
 * image. Knows dense blocks besides, and ones that keep the prefix tokens.
 */

import type { HostTensor } from '@patchslim/tensor';
import type { BlockParams, BlockPlan, VitConfig, VitParams } from '../src/index.js';
import { affine, norm, normalCdf, plainEmbedding, plus } from './plain-vit.js';

type Host = HostTensor<'float32'>;

interface Token {
  readonly x: number[];
  /** Of the token into which others were merged. */
  readonly position: number;
  readonly size: number;
}

const dot = (a: number[], b: number[]): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const cosine = (a: number[], b: number[]): number => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));

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

/** Merges `r` tokens: `fit(i, j)` says how well token `i` goes into token `j`, `weight(i)` what it counts in the mean. */
function mergeTokens(
  tokens: readonly Token[],
  prefix: number,
  r: number,
  fit: (guest: number, host: number) => number,
  weight: (token: number) => number,
): Token[] {
  const others = tokens.map((_, i) => i).slice(prefix);
  const hosts = others.filter((_, i) => i % 2 === 0);
  const guests = others.filter((_, i) => i % 2 === 1);
  const offers = guests.map((guest) => {
    let best = hosts[0]!;
    for (const host of hosts) if (fit(guest, host) > fit(guest, best)) best = host;
    return { guest, host: best, fit: fit(guest, best) };
  });
  // A stable sort: of equal offers the first.
  const taken = [...offers].sort((a, b) => b.fit - a.fit).slice(0, r);
  const leaving = new Set(taken.map(({ guest }) => guest));
  const merged = hosts.map((host): Token => {
    const members = [host, ...taken.filter((offer) => offer.host === host).map(({ guest }) => guest)];
    const total = members.reduce((sum, i) => sum + weight(i), 0);
    return {
      x: tokens[host]!.x.map(
        (_, c) => members.reduce((sum, i) => sum + weight(i) * tokens[i]!.x[c]!, 0) / total,
      ),
      position: tokens[host]!.position,
      size: members.reduce((sum, i) => sum + tokens[i]!.size, 0),
    };
  });
  return [
    ...tokens.slice(0, prefix),
    ...guests.filter((guest) => !leaving.has(guest)).map((i) => tokens[i]!),
    ...merged,
  ];
}

/** The prefix tokens and the `count` others with the largest scores; and the other others. */
function rankTokens(tokens: readonly Token[], prefix: number, count: number, scores: readonly number[]) {
  const order = tokens
    .map((_, i) => i)
    .slice(prefix)
    .sort((a, b) => scores[b]! - scores[a]!);
  return {
    best: [...tokens.keys()].slice(0, prefix).concat(order.slice(0, count)),
    others: order.slice(count),
  };
}

/** The sum of some tokens, weighted by their scores. */
function fuseTokens(tokens: readonly Token[], some: readonly number[], scores: readonly number[]): Token {
  const first = tokens[some[0]!]!;
  return {
    ...first,
    x: first.x.map((_, c) => some.reduce((sum, i) => sum + scores[i]! * tokens[i]!.x[c]!, 0)),
  };
}

function plainBlock(
  config: VitConfig,
  params: BlockParams<Host>,
  entry: BlockPlan,
  tokens: readonly Token[],
  prefix: number,
): Token[] {
  const normed = (x: number[]) => norm(x, params.norm1, config.layerNormEps);
  const keys = tokens.map(({ x }) => affine(normed(x), params.key));
  const values = tokens.map(({ x }) => affine(normed(x), params.value));
  const headWidth = config.width / config.heads;
  const attentionOf = (x: number[]) => attend(config, affine(normed(x), params.query), keys, tokens);
  const ofClass = attentionOf(tokens[0]!.x);
  const scores = tokens.map((_, j) => ofClass.reduce((sum, head) => sum + head[j]!, 0) / config.heads);
  const computed = beforeQueries(entry, tokens, prefix, scores);
  const whole = computed.map((token): Token => {
    const heads = attentionOf(token.x);
    const mixed = token.x.map((_, c) =>
      values.reduce((sum, value, j) => sum + heads[Math.floor(c / headWidth)]![j]! * value[c]!, 0),
    );
    return { ...token, x: plus(token.x, affine(mixed, params.projection)) };
  });
  const middle = beforeMlp(config, entry, whole, prefix, { keys, scores });
  return middle.map((token) => {
    const hidden = affine(norm(token.x, params.norm2, config.layerNormEps), params.mlp1).map(
      (v) => v * normalCdf(v),
    );
    return { ...token, x: plus(token.x, affine(hidden, params.mlp2)) };
  });
}

function beforeQueries(
  entry: BlockPlan,
  tokens: readonly Token[],
  prefix: number,
  scores: readonly number[],
): readonly Token[] {
  if (entry.kind === 'keep') return tokens.slice(0, prefix);
  if (!('count' in entry) || entry.count === tokens.length) return tokens;
  if (entry.kind === 'rank' && entry.rest !== 'fuse') {
    return rankTokens(tokens, prefix, entry.count - prefix, scores).best.map((i) => tokens[i]!);
  }
  if (entry.kind !== 'merge' || entry.merger.name !== 'ward') return tokens;
  const fit = (i: number, j: number) => {
    const [a, b] = [Math.sqrt(scores[i]!), Math.sqrt(scores[j]!)];
    return (-(a * b) / (a + b)) * (1 - cosine(tokens[i]!.x, tokens[j]!.x));
  };
  return mergeTokens(tokens, prefix, tokens.length - entry.count, fit, (i) => scores[i]!);
}

function beforeMlp(
  config: VitConfig,
  entry: BlockPlan,
  tokens: readonly Token[],
  prefix: number,
  { keys, scores }: { readonly keys: readonly number[][]; readonly scores: readonly number[] },
): readonly Token[] {
  if (!('count' in entry) || entry.count === tokens.length) return tokens;
  if (entry.kind === 'rank' && entry.rest === 'fuse') {
    const { best, others } = rankTokens(tokens, prefix, entry.count - prefix - 1, scores);
    return [...best.map((i) => tokens[i]!), fuseTokens(tokens, others, scores)];
  }
  if (entry.kind !== 'merge' || entry.merger.name !== 'tome') return tokens;
  const headWidth = config.width / config.heads;
  const metric = keys.map((key) =>
    Array.from({ length: headWidth }, (_, c) =>
      key.reduce((sum, value, i) => sum + (i % headWidth === c ? value / config.heads : 0), 0),
    ),
  );
  const fit = (i: number, j: number) => cosine(metric[i]!, metric[j]!);
  return mergeTokens(tokens, prefix, tokens.length - entry.count, fit, (i) => tokens[i]!.size);
}

export interface PlainDynamic {
  readonly logits: number[];
  /** Per block, the position and the size of each row that leaves it. */
  readonly positions: readonly number[][];
  readonly sizes: readonly number[][];
}

/** The whole network on one image. */
export function plainDynamicForward(
  config: VitConfig,
  params: VitParams<Host>,
  image: Float32Array,
  plan: readonly BlockPlan[],
): PlainDynamic {
  const prefix = params.prefix.shape[1]!;
  let tokens = plainEmbedding(config, params, image).map((x, position): Token => ({ x, position, size: 1 }));
  const [positions, sizes]: [number[][], number[][]] = [[], []];
  for (const [index, entry] of plan.entries()) {
    tokens = plainBlock(config, params.blocks[index]!, entry, tokens, prefix);
    positions.push(tokens.map(({ position }) => position));
    sizes.push(tokens.map(({ size }) => size));
  }
  const heads = [params.head, ...(params.distilledHead ? [params.distilledHead] : [])];
  const all = heads.map((head, row) => affine(norm(tokens[row]!.x, params.norm, config.layerNormEps), head));
  return {
    logits: all[0]!.map((_, c) => all.reduce((sum, one) => sum + one[c]!, 0) / all.length),
    positions,
    sizes,
  };
}
