/** One parameter of a network: its place in the tree, its shape, its place in a checkpoint. `spec.ts` lists them all. */

import { sizeOf, type Shape } from '@patchslim/tensor';

/** What a parameter is, by the last part of its path. */
export const paramKinds = {
  weight: 'weight',
  bias: 'bias',
  gamma: 'gamma',
  beta: 'beta',
  class: 'token',
  distillation: 'token',
  registers: 'token',
  probe: 'token',
  positions: 'positions',
  relativePositions: 'positions',
  scale1: 'scale',
  scale2: 'scale',
  kernel: 'kernel',
  features: 'features',
} as const;

/** What a parameter is. */
export type ParamKind = (typeof paramKinds)[keyof typeof paramKinds];

/** One parameter. */
export interface ParamEntry {
  /** Its place in `VitParams`, such as `blocks.0.query.weight`. */
  readonly path: string;
  /** In the network. A weight is `[in, out]`. */
  readonly shape: Shape;
  /** Its tensor in a checkpoint, by canonical (timm's) name. Several entries of one name are its rows, in this order. */
  readonly tensor: string;
  /** Shape of these rows, in PyTorch's layout: a weight is `[out, …in]`. */
  readonly stored: Shape;
}

/** A parameter that a checkpoint stores as the network uses it. */
export const value = (path: string, tensor: string, shape: Shape): ParamEntry => {
  return { path, shape, tensor, stored: shape };
};

/**
 * Weight and bias of a layer.
 *
 * @param inputs channels, or the dimensions that the network sees as one row of channels
 */
export function linear(
  path: string,
  tensor: string,
  [inputs, outputs]: readonly [number | Shape, number],
  bias = true,
): ParamEntry[] {
  const dims = typeof inputs === 'number' ? [inputs] : inputs;
  return [
    {
      path: `${path}.weight`,
      shape: [sizeOf(dims), outputs],
      tensor: `${tensor}.weight`,
      stored: [outputs, ...dims],
    },
    ...(bias ? [value(`${path}.bias`, `${tensor}.bias`, [outputs])] : []),
  ];
}

/** Scale and shift of a LayerNorm. */
export const norm = (path: string, tensor: string, width: number): ParamEntry[] => [
  value(`${path}.gamma`, `${tensor}.weight`, [width]),
  value(`${path}.beta`, `${tensor}.bias`, [width]),
];
