/** WGSL that reads and writes matrices of any width, four columns at a time. */

import type { Components } from './program.js';

/**
 * `<name>At(row, part)`: the values `4 part … 4 part + 3` of a row as a `Vec`, zeros outside the matrix of shape
 * `uniforms.<name>Shape`. An array of vectors needs a width divisible by four.
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

/** The same for 16-bit floats, two per int32; the width is a multiple of four. Every GPU can unpack them. */
export const readHalvesCode = (name: string): string => `
  fn ${name}At(row : i32, part : i32) -> Vec {
    let rows = uniforms.${name}Shape.x;
    let pairs = uniforms.${name}Shape.y;
    let first = 2 * part;
    if (row < rows && first < pairs) {
      let low = unpack2x16float(bitcast<u32>(${name}[row * pairs + first]));
      let high = unpack2x16float(bitcast<u32>(${name}[row * pairs + first + 1]));
      return Vec(low, high);
    }
    return Vec(0.0);
  }`;

/** `write(row, part, values)`: writes to the result; skips values outside it. */
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
