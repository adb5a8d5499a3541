/** Positions of the largest values in one dispatch: each invocation counts the values ranked before its own. */

import { rowsOf, type OwnKernel } from './program.js';

/** Sorting is faster for longer rows: counting costs the square of the length. */
export const longestRow = 4096;

const code = `
  /** Integers in the order of the floats, with equal zeros of both signs and NaN above infinity: a total order. */
  fn keyOf(value : f32) -> i32 {
    let bits = bitcast<i32>(value);
    let ascending = select(bits, bits ^ 0x7fffffff, bits < 0);
    return select(ascending, 0, value == 0.0);
  }

  fn main(index : i32) {
    let length = uniforms.xShape.y;
    let row = index / length;
    if (row < uniforms.xShape.x) {
      let place = index % length;
      let key = keyOf(x[index]);
      var before = 0;
      for (var i = 0; i < length; i++) {
        let other = keyOf(x[row * length + i]);
        before += select(0, 1, other > key || (other == key && i < place));
      }
      if (before < uniforms.outShape.y) {
        result[row * uniforms.outShape.y + before] = place;
      }
    }
  }`;

export const topK: OwnKernel<'topK'> = (run, [x], { k }, output) => {
  const { rows, width } = rowsOf(x!.shape);
  return run(
    {
      name: 'topK',
      variant: '',
      inputs: [{ name: 'x', tensor: x!, shape: [rows, width] }],
      outputShape: [rows, k],
      invocations: rows * width,
      code,
    },
    output,
  );
};
