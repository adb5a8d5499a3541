/**
 * A vision transformer in plain loops over numbers, one image at a time, written from the equations and sharing no code
 * with the library: what the forward pass is checked against. Slimming is done with masks here, never by slicing.
 */

import type { HostTensor } from '@patchslim/tensor';
import type { BlockPlan, BlockParams, LinearParams, NormParams, VitConfig, VitParams } from '../src/index.js';

type Matrix = number[][];
type Host = HostTensor<'float32'>;

const rowOf = (tensor: Host, row: number, width: number): number[] =>
  Array.from(tensor.data.subarray(row * width, (row + 1) * width));

export function affine(x: number[], { weight, bias }: LinearParams<Host>): number[] {
  const outputs = weight.shape[1]!;
  return Array.from(
    bias?.data ?? new Float32Array(outputs),
    (b, o) => b + x.reduce((sum, value, i) => sum + value * weight.data[i * outputs + o]!, 0),
  );
}

export function norm(x: number[], { gamma, beta }: NormParams<Host>, epsilon: number): number[] {
  const mean = x.reduce((a, b) => a + b, 0) / x.length;
  const variance = x.reduce((a, b) => a + (b - mean) ** 2, 0) / x.length;
  return x.map(
    (value, i) => ((value - mean) / Math.sqrt(variance + epsilon)) * gamma.data[i]! + beta.data[i]!,
  );
}

/** Integral of the normal density by Simpson's rule: slow and independent of any erf. */
export function normalCdf(x: number): number {
  const steps = 400;
  const h = x / steps;
  const density = (t: number) => Math.exp(-t * t * 0.5) / Math.sqrt(2 * Math.PI);
  let sum = density(0) + density(x);
  for (let i = 1; i < steps; i++) sum += density(i * h) * (i % 2 === 0 ? 2 : 4);
  return 0.5 + (sum * h) / 3;
}

export const plus = (a: number[], b: number[]): number[] => a.map((value, i) => value + b[i]!);

/** Attention weights of one head: `[query][key]`; keys that are not alive get no weight. */
function attentionOf(
  config: VitConfig,
  queries: Matrix,
  keys: Matrix,
  head: number,
  alive: boolean[],
): Matrix {
  const size = config.width / config.heads;
  return queries.map((query) => {
    const products = keys.map((key, j) => {
      let sum = 0;
      for (let c = head * size; c < (head + 1) * size; c++) sum += query[c]! * key[c]!;
      return alive[j] ? sum / Math.sqrt(size) : -Infinity;
    });
    const top = Math.max(...products);
    const powers = products.map((p) => Math.exp(p - top));
    const total = powers.reduce((a, b) => a + b, 0);
    return powers.map((p) => p / total);
  });
}

export interface PlainBlock {
  readonly input: Matrix;
  /** `[head][query][key]` over all N positions. */
  readonly attention: Matrix[];
  readonly output: Matrix;
}

/** One block over all N rows; rows that are not kept come out unchanged, keys that are not alive are unseen. */
export function plainBlock(
  config: VitConfig,
  params: BlockParams<Host>,
  input: Matrix,
  alive: boolean[],
  kept: boolean[],
): PlainBlock {
  const normed = input.map((x) => norm(x, params.norm1, config.layerNormEps));
  const [queries, keys, values] = [params.query, params.key, params.value].map((p) =>
    normed.map((x) => affine(x, p)),
  );
  const attention = Array.from({ length: config.heads }, (_, h) =>
    attentionOf(config, queries!, keys!, h, alive),
  );
  const size = config.width / config.heads;
  const output = input.map((x, i) => {
    if (!kept[i]) return x;
    const mixed = x.map((_, c) =>
      values!.reduce((sum, value, j) => sum + attention[Math.floor(c / size)]![i]![j]! * value[c]!, 0),
    );
    const middle = plus(x, affine(mixed, params.projection));
    const hidden = affine(norm(middle, params.norm2, config.layerNormEps), params.mlp1).map(
      (v) => v * normalCdf(v),
    );
    return plus(middle, affine(hidden, params.mlp2));
  });
  return { input, attention, output };
}

/** Tokens of one image `[3, S, S]` before the first block: `[N][D]`. */
export function plainEmbedding(config: VitConfig, params: VitParams<Host>, image: Float32Array): Matrix {
  const { patchSize: p, imageSize: s, width } = config;
  const { class: classToken, distillation, registers } = params.prefix;
  const prefix = [classToken, distillation, registers].flatMap((token) =>
    token ? Array.from({ length: token.shape[1]! }, (_, i) => rowOf(token, i, width)) : [],
  );
  const patches: Matrix = [];
  for (let y = 0; y < s; y += p) {
    for (let x = 0; x < s; x += p) {
      const pixels: number[] = [];
      for (let c = 0; c < 3; c++) {
        for (let dy = 0; dy < p; dy++)
          for (let dx = 0; dx < p; dx++) pixels.push(image[(c * s + y + dy) * s + x + dx]!);
      }
      patches.push(affine(pixels, params.patches));
    }
  }
  return [...prefix, ...patches].map((token, i) => plus(token, rowOf(params.positions!, i, width)));
}

export interface PlainResult {
  readonly blocks: readonly PlainBlock[];
  /** Per block, whether each position is computed. */
  readonly kept: readonly boolean[][];
  readonly logits: number[];
}

/** The whole network on one image, under a plan. */
export function plainForward(
  config: VitConfig,
  params: VitParams<Host>,
  image: Float32Array,
  plan?: readonly BlockPlan[],
): PlainResult {
  let tokens = plainEmbedding(config, params, image);
  let alive = tokens.map(() => true);
  const computed: boolean[][] = [];
  const blocks = params.blocks.map((blockParams, index) => {
    const entry = plan?.[index] ?? { kind: 'dense' };
    if (entry.kind === 'reduce') throw new Error('reducers have plain loops in their package');
    const kept = tokens.map((_, i) => (entry.kind === 'keep' ? entry.keep.includes(i) : alive[i]!));
    computed.push(kept);
    const block = plainBlock(config, blockParams, tokens, alive, kept);
    tokens = block.output;
    if (entry.kind === 'keep' && entry.keys === 'compact') alive = kept;
    return block;
  });
  const classify = (row: number, head: LinearParams<Host>) =>
    affine(norm(tokens[row]!, params.norm!, config.layerNormEps), head);
  const logits = classify(0, params.head!);
  if (!params.distilledHead) return { blocks, kept: computed, logits };
  const second = classify(1, params.distilledHead);
  return { blocks, kept: computed, logits: logits.map((value, c) => (value + second[c]!) / 2) };
}
