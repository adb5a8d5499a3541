/** The tokens of one image for the plain-loop reducers. */

import type { VitConfig } from '@patchslim/vit-models';

export interface Token {
  readonly x: number[];
  /** Position of the token into which others were merged. */
  readonly position: number;
  readonly size: number;
  /** Positions of the tokens in it. */
  readonly members: readonly number[];
  /** Running mean of class attention. */
  readonly attended?: number;
}

/** State of the tokens that reach a block. */
export interface Known {
  readonly config: VitConfig;
  /** Number of prefix tokens; they come first and stay unchanged. */
  readonly prefix: number;
  readonly tokens: readonly Token[];
  readonly keys: readonly number[][];
  readonly values: readonly number[][];
  /** `[query][head][key]`. */
  readonly attention: readonly number[][][];
}

export const dot = (a: number[], b: number[]): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
export const cosine = (a: number[], b: number[]): number => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
export const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
export const mean = (values: readonly number[]): number => total(values) / values.length;

/** Indices from the largest number to the smallest. Ties: the first index. */
export const downwards = (values: readonly number[]): number[] =>
  [...values.keys()].sort((a, b) => values[b]! - values[a]!);

/** Blocks that do not use the running mean of class attention drop it. */
export function without({ x, position, size, members }: Token): Token {
  return { x, position, size, members };
}

export const classAttentionOf = ({ tokens, attention }: Known): number[] =>
  tokens.map((_, j) => mean(attention[0]!.map((head) => head[j]!)));

export const received = ({ tokens, attention }: Known): number[] =>
  tokens.map((_, j) => total(attention.flatMap((query) => query.map((head) => head[j]!))));
