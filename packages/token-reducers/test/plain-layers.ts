/** Layers of a vision transformer as plain loops, for one image. */

import type { HostTensor } from '@patchslim/tensor';
import type { LinearParams, NormParams, VitConfig, VitParams } from '@patchslim/vit-models';

type Host = HostTensor<'float32'>;

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

/** Integral of the normal density by Simpson's rule: slow, but independent of any erf. */
export function normalCdf(x: number): number {
  const steps = 400;
  const h = x / steps;
  const density = (t: number) => Math.exp(-t * t * 0.5) / Math.sqrt(2 * Math.PI);
  let sum = density(0) + density(x);
  for (let i = 1; i < steps; i++) sum += density(i * h) * (i % 2 === 0 ? 2 : 4);
  return 0.5 + (sum * h) / 3;
}

export const plus = (a: number[], b: number[]): number[] => a.map((value, i) => value + b[i]!);

const rowOf = (tensor: Host, row: number, width: number): number[] =>
  Array.from(tensor.data.subarray(row * width, (row + 1) * width));

/** Tokens of one image `[3, S, S]` before the first block: `[N][D]`. */
export function plainEmbedding(config: VitConfig, params: VitParams<Host>, image: Float32Array): number[][] {
  const { patchSize: p, imageSize: s, width } = config;
  const { class: classToken, distillation, registers } = params.prefix;
  const prefix = [classToken, distillation, registers].flatMap((token) =>
    token ? Array.from({ length: token.shape[1]! }, (_, i) => rowOf(token, i, width)) : [],
  );
  const patches: number[][] = [];
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
