/** Sums over a row, computed by the invocations that share it. */

import { groupSize } from './program.js';

/** Invocations that share a row. */
export const lanes = 16;

/** WGSL: `rowSum(part)` returns to each lane the sum over the lanes of its row. All invocations must call it. */
export const rowSumCode = `
  const lanes = ${lanes};
  var<workgroup> parts : array<f32, ${groupSize}>;

  fn rowSum(part : f32) -> f32 {
    workgroupBarrier(); // the last sum has been read
    parts[localIndex] = part;
    workgroupBarrier();
    let first = i32(localIndex) / lanes * lanes;
    var sum = 0.0;
    for (var lane = 0; lane < lanes; lane++) {
      sum += parts[first + lane];
    }
    return sum;
  }`;
