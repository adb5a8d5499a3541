/** A fully connected layer with its epilogue in one dispatch: `residual + activation(x · weight + bias)`. */

import { sizeOf, type Activation, type TensorSpec } from '@patchslim/tensor';
import type { TfTensor } from '../tfjs.js';
import type { HalvesOf } from './half-weights.js';
import { layerCode, rowsOfLanes, tileColumns, type LayerVariant } from './linear-code.js';
import { componentsOf, groupSize, type OwnKernel, type RunShader } from './program.js';

interface Layer {
  readonly x: TfTensor;
  readonly weight: TfTensor;
  /** The weight in float16, if it is packed. */
  readonly halves: TfTensor | undefined;
  readonly bias: TfTensor | undefined;
  readonly activation: Activation;
  readonly residual?: TfTensor | undefined;
}

/**
 * More rows per invocation mean more products per value read, but fewer workgroups: below about 100, most cores of a large
 * GPU are idle.
 */
function rowsEachFor(rows: number, columns: number): number {
  if (rows <= rowsOfLanes) return 1;
  return tilesFor(rows, columns, 8) >= 128 ? 8 : 4;
}

const tilesFor = (rows: number, columns: number, rowsEach: number): number =>
  Math.ceil(rows / (rowsEach * rowsOfLanes)) * Math.ceil(columns / tileColumns);

function runLayer(run: RunShader, layer: Layer, output: TensorSpec): TfTensor {
  const { x, weight, halves, bias, activation, residual } = layer;
  const [inner, columns] = weight.shape as [number, number];
  const rows = sizeOf(output.shape.slice(0, -1));
  const rowsEach = rowsEachFor(rows, columns);
  const [innerComponents, components] = [componentsOf(inner), componentsOf(columns)];
  const variant: LayerVariant = {
    rowsEach,
    innerComponents,
    components,
    half: halves !== undefined,
    activation,
    biased: bias !== undefined,
    added: residual !== undefined,
  };
  return run(
    {
      name: 'linear',
      variant: Object.values(variant).join('-'),
      inputs: [
        { name: 'x', tensor: x, shape: [rows, inner], components: innerComponents },
        halves ? { name: 'weight', tensor: halves } : { name: 'weight', tensor: weight, components },
        ...(bias ? [{ name: 'bias', tensor: bias, shape: [1, columns], components }] : []),
        ...(residual ? [{ name: 'residual', tensor: residual, shape: [rows, columns], components }] : []),
      ],
      outputShape: [rows, columns],
      outputComponents: components,
      invocations: tilesFor(rows, columns, rowsEach) * groupSize,
      code: layerCode(variant),
    },
    output,
  );
}

/** @param halvesOf returns the float16 copy of a weight */
export function createLayerKernels(halvesOf: HalvesOf): {
  readonly linear: OwnKernel<'linear'>;
  readonly fusedLinear: OwnKernel<'fusedLinear'>;
} {
  return {
    linear: (run, [x, weight, bias], _, output) =>
      runLayer(run, { x: x!, weight: weight!, bias, halves: halvesOf(weight!), activation: 'none' }, output),

    fusedLinear(run, inputs, { activation, residual }, output) {
      const [x, weight, bias] = residual ? inputs.slice(0, -1) : inputs;
      const added = residual ? inputs.at(-1) : undefined;
      const halves = halvesOf(weight!);
      return runLayer(run, { x: x!, weight: weight!, halves, bias, activation, residual: added }, output);
    },
  };
}
