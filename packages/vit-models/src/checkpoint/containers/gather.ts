/** Elements of a strided view, row by row. */

/**
 * @param span elements from the first to the last that the view reaches
 * @param strides in elements, one per dimension
 */
export function gather<T extends Uint8Array | Uint16Array | Uint32Array | BigUint64Array>(
  span: T,
  shape: readonly number[],
  strides: readonly number[],
): T {
  const count = shape.reduce((product, dim) => product * dim, 1);
  const result = span.slice(0, 0).constructor as new (length: number) => T;
  const out = new result(count);
  const index = shape.map(() => 0);
  for (let i = 0, from = 0; i < count; i++) {
    out[i] = span[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= index[axis]! * strides[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}

/** Whether a view is its elements row by row already. Strides of dimensions of 1 mean nothing. */
export function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}
