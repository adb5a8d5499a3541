/** WGSL that reads and writes matrices four columns at a time, whatever their width. */

import type { Components } from './program.js';

/**
 * `<name>At(row, part)`: the values `4 part … 4 part + 3` of a row as a `Vec`, zeros beyond the matrix, which is
 * `uniforms.<name>Shape`. An array of vectors needs a width that four divides.
 */
export const readCode = (name: string, components: Components): string => `
  fn ${name}At(row : i32, part : i32) -> Vec {
    let rows = uniforms.${name}Shape.x;
    let width = uniforms.${name}Shape.y;
    let first = 4 * part;
    var values = Vec(0.0);
    if (row < rows && first < width) {
      ${
        components === 4
          ? `values = ${name}[(row * width + first) / 4];`
          : `for (var i = 0; i < min(4, width - first); i++) {
        values[i] = ${name}[row * width + first + i];
      }`
      }
    }
    return values;
  }`;

/** `write(row, part, values)`: the counterpart for the result; what lies beyond it is not written. */
export const writeCode = (components: Components): string => `
  fn write(row : i32, part : i32, values : Vec) {
    let rows = uniforms.outShape.x;
    let width = uniforms.outShape.y;
    let first = 4 * part;
    if (row < rows && first < width) {
      ${
        components === 4
          ? 'result[(row * width + first) / 4] = values;'
          : `for (var i = 0; i < min(4, width - first); i++) {
        result[row * width + first + i] = values[i];
      }`
      }
    }
  }`;
