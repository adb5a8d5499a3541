/** Attention and its probabilities: sizes, biases, scales and values that stress the softmax. */

import { float32, type HostTensor, type Shape } from '../../host.js';
import { compositeCases, noise, type ConformanceCase } from '../case.js';

const [B, H, D] = [2, 2, 6];

interface Setting {
  readonly name: string;
  readonly queries: number;
  readonly keys: number;
  readonly bias?: HostTensor;
  readonly scale?: number;
  readonly heads?: number;
  readonly spread?: number;
}

const biased = (shape: Shape, seed = 9): HostTensor => noise(shape, seed, -2, 2);
const settings: readonly Setting[] = [
  { name: 'as many queries as keys', queries: 4, keys: 4 },
  { name: 'fewer queries', queries: 2, keys: 5 },
  { name: 'more queries', queries: 5, keys: 3 },
  { name: 'one query', queries: 1, keys: 5 },
  { name: 'one key', queries: 3, keys: 1 },
  { name: 'one head', queries: 3, keys: 4, heads: 1 },
  { name: 'heads of width 1', queries: 3, keys: 4, heads: 6 },
  { name: 'custom scale', queries: 3, keys: 4, scale: 0.1 },
  { name: 'scale 1 and large products', queries: 3, keys: 4, scale: 1, spread: 30 },
  { name: 'bias [1,1,Nq,Nk]', queries: 3, keys: 4, bias: biased([1, 1, 3, 4]) },
  { name: 'bias [B,1,1,Nk]', queries: 3, keys: 4, bias: biased([B, 1, 1, 4]) },
  { name: 'bias [1,H,Nq,Nk]', queries: 3, keys: 4, bias: biased([1, H, 3, 4]) },
  { name: 'bias [B,H,Nq,Nk]', queries: 3, keys: 4, bias: biased([B, H, 3, 4]) },
  { name: 'bias [Nk]', queries: 3, keys: 4, bias: biased([4]) },
  { name: 'bias [Nq,Nk]', queries: 3, keys: 4, bias: biased([3, 4]) },
  { name: 'bias and custom scale', queries: 2, keys: 4, bias: biased([B, 1, 1, 4]), scale: 0.7 },
  { name: 'bias of -1e9 masks keys', queries: 2, keys: 3, bias: float32([1, 1, 1, 3], [0, -1e9, 0]) },
  {
    name: 'bias of minus infinity masks keys',
    queries: 2,
    keys: 3,
    bias: float32([1, 1, 1, 3], [0, -Infinity, 0]),
  },
  { name: 'more tokens than a tile', queries: 40, keys: 70 },
];

function settingCases({
  name,
  queries,
  keys,
  bias,
  heads = H,
  scale,
  spread = 1,
}: Setting): ConformanceCase[] {
  const attrs = { heads, scale: scale ?? 1 / Math.sqrt(D / heads) };
  const query = noise([B, queries, D], 1, -spread, spread);
  const [key, value] = [noise([B, keys, D], 2, -spread, spread), noise([B, keys, D], 3)];
  const extra = bias ? [bias] : [];
  // Float32 products differ by about 1e-7 of their size, and the softmax passes the difference on.
  const tolerance = spread > 1 ? 1e-3 : 1e-5;
  return [
    ...compositeCases({
      op: 'attentionProbabilities',
      name,
      inputs: [query, key, ...extra],
      attrs,
      tolerance,
    }),
    ...compositeCases({ op: 'attention', name, inputs: [query, key, value, ...extra], attrs, tolerance }),
  ];
}

/** One head, orthogonal keys; the scale is chosen to give weights of 3/4 and 1/4. */
const known = {
  query: float32([1, 1, 2], [1, 0]),
  key: float32([1, 2, 2], [1, 0, 0, 1]),
  value: float32([1, 2, 2], [4, 8, 0, -4]),
  attrs: { heads: 1, scale: Math.log(3) },
};

export const attentionCases: readonly ConformanceCase[] = [
  ...settings.flatMap(settingCases),
  ...compositeCases({
    op: 'attentionProbabilities',
    name: 'known values',
    inputs: [known.query, known.key],
    attrs: known.attrs,
    expected: float32([1, 1, 1, 2], [0.75, 0.25]),
  }),
  ...compositeCases({
    op: 'attention',
    name: 'known values',
    inputs: [known.query, known.key, known.value],
    attrs: known.attrs,
    expected: float32([1, 1, 2], [3, 5]),
  }),
];
