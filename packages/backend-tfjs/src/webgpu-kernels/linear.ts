/**
 * A fully connected layer in one dispatch, with all that follows it: `residual + activation(x · weight + bias)`. A workgroup
 * computes a tile of the result; tiles of `x` and `weight` go through its memory, and each invocation keeps its sums in
 * registers: four columns of some rows.
 */

import { sizeOf, type Activation, type TensorSpec } from '@patchslim/tensor';
import type { TfTensor } from '../tfjs.js';
import { geluCode } from './gelu.js';
import { readCode, writeCode } from './matrix-code.js';
import {
  componentsOf,
  groupSize,
  vecCode,
  type Components,
  type OwnKernel,
  type RunShader,
} from './program.js';

/** Invocations side by side, each with a vector of columns; the others lie below. */
const lanes = 8;
const tileColumns = 4 * lanes;
const rowsOfLanes = groupSize / lanes;
/** Products that a tile adds to each sum. With eight rows each, both tiles take 13 kB of the 16 that every GPU has. */
const tileInner = 32;

interface Layer {
  readonly x: TfTensor;
  readonly weight: TfTensor;
  readonly bias: TfTensor | undefined;
  readonly activation: Activation;
  readonly residual: TfTensor | undefined;
}

/** What the code depends on. */
interface Variant {
  /** Rows that an invocation computes. */
  readonly rowsEach: number;
  /** Of `x`; all others have the width of the result. */
  readonly innerComponents: Components;
  readonly components: Components;
  readonly activation: Activation;
  readonly biased: boolean;
  /** Whether there is a residual. */
  readonly added: boolean;
}

/**
 * More rows each are more products per value read, and fewer workgroups: below some 100 a large GPU has nothing to do for
 * most of its cores.
 */
function rowsEachFor(rows: number, columns: number): number {
  if (rows <= rowsOfLanes) return 1;
  return tilesFor(rows, columns, 8) >= 128 ? 8 : 4;
}

const tilesFor = (rows: number, columns: number, rowsEach: number): number =>
  Math.ceil(rows / (rowsEach * rowsOfLanes)) * Math.ceil(columns / tileColumns);

const lines = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

/** Sums are variables of their own and not an array, which software GPUs keep in memory. */
const code = ({ rowsEach, innerComponents, components, activation, biased, added }: Variant): string => `
  ${vecCode(4)}
  ${activation === 'gelu' ? geluCode : ''}
  ${readCode('x', innerComponents)}
  ${readCode('weight', components)}
  ${biased ? readCode('bias', components) : ''}
  ${added ? readCode('residual', components) : ''}
  ${writeCode(components)}

  const lanes = ${lanes};
  const groupSize = ${groupSize};
  const rowsEach = ${rowsEach};
  const tileRows = ${rowsEach * rowsOfLanes};
  const tileColumns = ${tileColumns};
  const tileInner = ${tileInner};
  const innerVecs = tileInner / 4;
  /** One more than its vectors, so that the rows of a tile do not begin in one memory bank. */
  const xRow = innerVecs + 1;
  var<workgroup> xTile : array<Vec, tileRows * xRow>;
  var<workgroup> weightTile : array<Vec, tileInner * lanes>;

  fn finish(row : i32, part : i32, sum : Vec) {
    var value = sum;
    ${biased ? 'value += biasAt(0, part);' : ''}
    ${activation === 'gelu' ? 'value = gelu(value);' : ''}
    ${added ? 'value += residualAt(row, part);' : ''}
    write(row, part, value);
  }

  fn main(index : i32) {
    let inner = uniforms.xShape.y;
    let tilesAcross = (uniforms.outShape.y + tileColumns - 1) / tileColumns;
    let tile = index / groupSize;
    let firstRow = tile / tilesAcross * tileRows;
    let firstPart = tile % tilesAcross * lanes;
    let local = i32(localIndex);
    let lane = local % lanes;
    let ownRow = local / lanes * rowsEach;
    ${lines(rowsEach, (row) => `var sum${row} = Vec(0.0);`)}

    for (var first = 0; first < inner; first += tileInner) {
      for (var i = local; i < tileRows * innerVecs; i += groupSize) {
        let row = i / innerVecs;
        let part = i % innerVecs;
        xTile[row * xRow + part] = xAt(firstRow + row, first / 4 + part);
      }
      for (var i = local; i < tileInner * lanes; i += groupSize) {
        weightTile[i] = weightAt(first + i / lanes, firstPart + i % lanes);
      }
      workgroupBarrier();
      for (var i = 0; i < innerVecs; i++) {
        ${lines(4, (j) => `let w${j} = weightTile[(4 * i + ${j}) * lanes + lane];`)}
        ${lines(
          rowsEach,
          (row) => `let x${row} = xTile[(ownRow + ${row}) * xRow + i];
        sum${row} += x${row}.x * w0 + x${row}.y * w1 + x${row}.z * w2 + x${row}.w * w3;`,
        )}
      }
      workgroupBarrier(); // the next tiles overwrite these
    }
    ${lines(rowsEach, (row) => `finish(firstRow + ownRow + ${row}, firstPart + lane, sum${row});`)}
  }`;

function runLayer(run: RunShader, layer: Layer, output: TensorSpec): TfTensor {
  const { x, weight, bias, activation, residual } = layer;
  const [inner, columns] = weight.shape as [number, number];
  const rows = sizeOf(output.shape.slice(0, -1));
  const rowsEach = rowsEachFor(rows, columns);
  const [innerComponents, components] = [componentsOf(inner), componentsOf(columns)];
  const variant: Variant = {
    rowsEach,
    innerComponents,
    components,
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
        { name: 'weight', tensor: weight, components },
        ...(bias ? [{ name: 'bias', tensor: bias, shape: [1, columns], components }] : []),
        ...(residual ? [{ name: 'residual', tensor: residual, shape: [rows, columns], components }] : []),
      ],
      outputShape: [rows, columns],
      outputComponents: components,
      invocations: tilesFor(rows, columns, rowsEach) * groupSize,
      code: code(variant),
    },
    output,
  );
}

export const linear: OwnKernel<'linear'> = (run, [x, weight, bias], _, output) =>
  runLayer(run, { x: x!, weight: weight!, bias, activation: 'none', residual: undefined }, output);

export const fusedLinear: OwnKernel<'fusedLinear'> = (run, inputs, attrs, output) => {
  const [x, weight, bias] = attrs.residual ? inputs.slice(0, -1) : inputs;
  const residual = attrs.residual ? inputs.at(-1) : undefined;
  return runLayer(run, { x: x!, weight: weight!, bias, activation: attrs.activation, residual }, output);
};
