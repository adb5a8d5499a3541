/**
 * WGSL of a fully connected layer with its epilogue. A workgroup computes a tile of the result; it loads tiles of `x` and
 * `weight` into its memory, and each invocation keeps its sums in registers: four columns of some rows.
 */

import type { Activation } from '@patchslim/tensor';
import { activationCode } from './activation-code.js';
import { readCode, readHalvesCode, writeCode } from './matrix-code.js';
import { groupSize, vecCode, type Components } from './program.js';

/** Invocations per row of the workgroup, each with a vector of columns. */
const lanes = 8;
export const tileColumns = 4 * lanes;
/** Rows of invocations in a workgroup. */
export const rowsOfLanes = groupSize / lanes;
/** Products that a tile adds to each sum. With eight rows each, both tiles take 13 kB; every GPU has 16 kB. */
const tileInner = 32;

/** The parameters of the code. */
export interface LayerVariant {
  /** Rows that an invocation computes. */
  readonly rowsEach: number;
  /** Components of `x`; all others have the width of the result. */
  readonly innerComponents: Components;
  readonly components: Components;
  readonly half: boolean;
  readonly activation: Activation;
  readonly biased: boolean;
  /** Whether there is a residual. */
  readonly added: boolean;
}

const lines = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

/** Sums are separate variables, because software GPUs keep arrays in memory. */
export const layerCode = ({
  rowsEach,
  innerComponents,
  components,
  half,
  activation,
  biased,
  added,
}: LayerVariant): string => `
  ${vecCode(4)}
  ${activation === 'none' ? '' : activationCode[activation]}
  ${readCode('x', innerComponents)}
  ${half ? readHalvesCode('weight') : readCode('weight', components)}
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
  /** One more than its vectors, so that the rows of a tile start in different memory banks. */
  const xRow = innerVecs + 1;
  var<workgroup> xTile : array<Vec, tileRows * xRow>;
  var<workgroup> weightTile : array<Vec, tileInner * lanes>;

  fn finish(row : i32, part : i32, sum : Vec) {
    var value = sum;
    ${biased ? 'value += biasAt(0, part);' : ''}
    ${activation === 'none' ? '' : 'value = activate(value);'}
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
