/** Layers of a vision transformer as plain loops, for one row. */

import type { PlainConfig, PlainLinear, PlainMlp, PlainNorm, PlainTensor } from './network.js';
import { normalCdf } from './numbers.js';

export function affine(x: readonly number[], { weight, bias }: PlainLinear): number[] {
  const outputs = weight.shape[1]!;
  return Array.from(
    { length: outputs },
    (_, o) =>
      (bias?.data[o] ?? 0) + x.reduce((sum, value, i) => sum + value * weight.data[i * outputs + o]!, 0),
  );
}

export function norm(x: readonly number[], { gamma, beta }: PlainNorm, epsilon: number): number[] {
  const mean = x.reduce((a, b) => a + b, 0) / x.length;
  const variance = x.reduce((a, b) => a + (b - mean) ** 2, 0) / x.length;
  return x.map(
    (value, i) => ((value - mean) / Math.sqrt(variance + epsilon)) * gamma.data[i]! + beta.data[i]!,
  );
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

const activations = {
  gelu: (x: number) => x * normalCdf(x),
  'gelu-tanh': (x: number) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  'quick-gelu': (x: number) => x * sigmoid(1.702 * x),
  silu: (x: number) => x * sigmoid(x),
};

/** What the MLP makes of a row that is normalised already. A gated one has SiLU unless the network says otherwise. */
export function mlp(config: PlainConfig, params: PlainMlp, x: readonly number[]): number[] {
  const { gate, mlp1, mlpNorm, mlp2 } = params;
  const activate = activations[config.activation ?? (config.mlp === 'gated' ? 'silu' : 'gelu')];
  const hidden = affine(x, mlp1);
  const through = gate
    ? affine(x, gate).map((value, i) => activate(value) * hidden[i]!)
    : hidden.map(activate);
  return affine(mlpNorm ? norm(through, mlpNorm, config.layerNormEps) : through, mlp2);
}

/** Adds a branch: scaled by a vector (LayerScale), by a number, or neither. */
export const withBranch = (
  { residualScale = 1 }: PlainConfig,
  layerScale: PlainTensor | undefined,
  x: readonly number[],
  branch: readonly number[],
): number[] => x.map((value, c) => value + (layerScale?.data[c] ?? 1) * residualScale * branch[c]!);

/** One row of `[rows, width]`, whatever dimensions come before. */
export const rowOf = ({ data, shape }: PlainTensor, row: number): number[] => {
  const width = shape.at(-1)!;
  return Array.from({ length: width }, (_, c) => data[row * width + c]!);
};
