/** Every block score for one image, in plain loops, without code of the library. To add a score, add a row. */

import { total } from './numbers.js';

/** The rows of one image that reach a block. */
export interface PlainRows {
  readonly heads: number;
  /** Number of prefix tokens, which are the first rows. */
  readonly prefix: number;
  /** Number of rows that the block keeps, besides the prefix tokens. */
  readonly leaves: number;
  /** `[row][channel]`. */
  readonly input: readonly (readonly number[])[];
  readonly values: readonly (readonly number[])[];
  /** `[query][head][row]`. */
  readonly attention: readonly (readonly (readonly number[])[])[];
  /** Attention of the class token, `[head][row]`. */
  readonly classAttention: readonly (readonly number[])[];
  /** Token position of each row. */
  readonly positions: readonly number[];
  /** The running mean of class attention of each row, if an earlier block stored one. */
  readonly attended: readonly (number | undefined)[];
}

export interface PredictorOptions {
  readonly positions: readonly number[];
  readonly weights: readonly number[];
}

const length = (values: readonly number[]): number => Math.hypot(...values);

const classAttention = ({ input, classAttention: attention, heads }: PlainRows): number[] =>
  input.map((_, i) => total(attention.map((head) => head[i]!)) / heads);

/** The scores of all rows, by the name of the score. */
export const plainScores = {
  'attention-norm': ({ input, attention }: PlainRows) =>
    input.map((_, i) => length(attention.flatMap((query) => query.map((head) => head[i]!)))),
  'attention-received': ({ input, attention }: PlainRows) =>
    input.map((_, i) => total(attention.flatMap((query) => query.map((head) => head[i]!)))),
  'class-attention': classAttention,
  'feature-norm': ({ input }: PlainRows) => input.map(length),
  'global-class-attention': (rows: PlainRows) =>
    classAttention(rows).map((now, i) => {
      const before = rows.attended[i];
      return before === undefined ? now : (before + now) / 2;
    }),
  predictor: ({ input, positions: at }: PlainRows, { positions, weights }: PredictorOptions) =>
    input.map((x, i) => {
      const size = x.length / weights.length;
      return positions[at[i]!]! + total(x.map((value, c) => (weights[Math.floor(c / size)]! * value) / size));
    }),
  'sampled-attention': sampled,
  'value-norm': ({ values }: PlainRows) => values.map(length),
};

/** Adds one for sampled rows, so that they rank first. */
function sampled({ heads, prefix, leaves, input, values, classAttention }: PlainRows): number[] {
  const raw = input.map((_, i) => {
    if (i < prefix) return 0;
    const width = values[i]!.length / heads;
    return total(
      classAttention.map((head, h) => head[i]! * length(values[i]!.slice(h * width, (h + 1) * width))),
    );
  });
  const shares = raw.map((score) => score / total(raw));
  const upwards = [...shares.keys()].sort((a, b) => shares[a]! - shares[b]!);
  const scores = [...shares];
  for (let k = 0; k < leaves; k++) {
    const point = (k + 0.5) / leaves;
    let end = 0;
    const hit = upwards.find((i) => (end += shares[i]!) >= point)!;
    scores[hit] = shares[hit]! + 1;
  }
  return scores;
}
