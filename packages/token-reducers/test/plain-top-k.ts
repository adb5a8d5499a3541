/** `top-k` for one image, in plain loops. */

import type { Predictor, ReducerOptions, ScoreData } from '../src/index.js';
import {
  classAttentionOf,
  dot,
  downwards,
  received,
  total,
  without,
  type Known,
  type Token,
} from './plain-tokens.js';

/** @param now the tokens, or what the attention has made of them */
export function topK(
  { score, rest }: ReducerOptions<'top-k'>,
  count: number,
  now: readonly Token[],
  known: Known,
): Token[] {
  const { prefix } = known;
  const scores = scoresOf(score, count - prefix, known);
  const order = downwards(scores.slice(prefix)).map((i) => i + prefix);
  const kept = order.slice(0, count - prefix - (rest === 'fuse' ? 1 : 0));
  const others = order.slice(kept.length);
  const followed = now.map((token, i) =>
    score.name === 'global-class-attention' ? { ...token, attended: scores[i]! } : without(token),
  );
  const best = [...followed.slice(0, prefix), ...kept.map((i) => followed[i]!)];
  if (rest !== 'fuse') return best;
  const first = followed[others[0]!]!;
  const fused: Token = {
    ...first,
    x: first.x.map((_, c) => total(others.map((i) => scores[i]! * now[i]!.x[c]!))),
    members: others.flatMap((i) => now[i]!.members),
    ...(first.attended === undefined ? {} : { attended: total(others.map((i) => followed[i]!.attended!)) }),
  };
  return [...best, fused];
}

function scoresOf(score: ScoreData, count: number, known: Known): number[] {
  switch (score.name) {
    case 'class-attention':
      return classAttentionOf(known);
    case 'global-class-attention':
      return classAttentionOf(known).map((now, i) => {
        const before = known.tokens[i]!.attended;
        return before === undefined ? now : (before + now) / 2;
      });
    case 'attention-received':
      return received(known);
    case 'sampled-attention':
      return sampled(count, known);
    case 'predictor':
      return predicted(score, known);
    default:
      return score satisfies never;
  }
}

function predicted({ positions, weights }: Predictor, { tokens }: Known): number[] {
  return tokens.map(({ x, position }) => {
    const size = x.length / weights.length;
    return x.reduce(
      (score, value, c) => score + (weights[Math.floor(c / size)]! * value) / size,
      positions[position]!,
    );
  });
}

/** One more for tokens that are sampled: they come first. */
function sampled(count: number, { config, prefix, tokens, values, attention }: Known): number[] {
  const width = config.width / config.heads;
  const raw = tokens.map((_, j) => {
    if (j < prefix) return 0;
    const heads = attention[0]!.map((head, h) => {
      const value = values[j]!.slice(h * width, (h + 1) * width);
      return head[j]! * Math.sqrt(dot(value, value));
    });
    return total(heads);
  });
  const shares = raw.map((score) => score / total(raw));
  const upwards = [...shares.keys()].sort((a, b) => shares[a]! - shares[b]!);
  const scores = [...shares];
  for (let k = 0; k < count; k++) {
    const point = (k + 0.5) / count;
    let end = 0;
    const hit = upwards.find((i) => (end += shares[i]!) >= point)!;
    scores[hit] = shares[hit]! + 1;
  }
  return scores;
}
