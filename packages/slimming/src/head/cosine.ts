/** The cosine of two vectors; 0 for a vector of zeros. */
export function cosineOf(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [dot, ofA, ofB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    ofA += a[i]! ** 2;
    ofB += b[i]! ** 2;
  }
  return ofA > 0 && ofB > 0 ? dot / Math.sqrt(ofA * ofB) : 0;
}

/** Rows `[n, width]` of length 1; a row of zeros stays so. */
export function normalizedRows(rows: Float32Array, width: number): Float32Array {
  const result = new Float32Array(rows.length);
  for (let from = 0; from < rows.length; from += width) {
    const row = rows.subarray(from, from + width);
    const length = Math.hypot(...row) || 1;
    row.forEach((value, i) => (result[from + i] = value / length));
  }
  return result;
}
