/** Kernels that walk several axes, against nested loops over explicit offsets: everything here has shape [A, B, C]. */

import { describe, expect, it } from 'vitest';
import { noise } from '../conformance/case.js';
import * as t from '../index.js';
import { int32, type Shape, type Tensor } from '../index.js';
import { createReferenceBackend } from './index.js';

const backend = createReferenceBackend();
const [A, B, C] = [2, 3, 4];
const host = noise([A, B, C]);
const x = backend.constant(host);
const value = (a: number, b: number, c: number): number => host.data[(a * B + b) * C + c]!;
const range = (n: number) => Array.from({ length: n }, (_, i) => i);

/** Values by place of a rank 3 result. */
function table(
  [n0, n1, n2]: readonly [number, number, number],
  at: (i: number, j: number, k: number) => number,
) {
  return range(n0).flatMap((i) => range(n1).flatMap((j) => range(n2).map((k) => at(i, j, k))));
}

async function expectValues(tensor: Tensor, shape: Shape, values: readonly number[]): Promise<void> {
  expect(tensor.shape).toEqual(shape);
  const got = [...(await tensor.data())];
  expect(got.length).toBe(values.length);
  values.forEach((wanted, i) => expect(got[i]).toBeCloseTo(wanted, 6));
}

const positionOfLargest = (values: readonly number[]) => values.indexOf(Math.max(...values));
const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

it('transpose', async () => {
  await expectValues(
    t.transpose(x, [1, 2, 0]),
    [B, C, A],
    table([B, C, A], (b, c, a) => value(a, b, c)),
  );
  await expectValues(
    t.transpose(x, [2, 0, 1]),
    [C, A, B],
    table([C, A, B], (c, a, b) => value(a, b, c)),
  );
});

it('argMax along every axis', async () => {
  await expectValues(
    t.argMax(x, 0),
    [B, C],
    table([B, C, 1], (b, c) => positionOfLargest(range(A).map((a) => value(a, b, c)))),
  );
  await expectValues(
    t.argMax(x, 1),
    [A, C],
    table([A, C, 1], (a, c) => positionOfLargest(range(B).map((b) => value(a, b, c)))),
  );
  await expectValues(
    t.argMax(x, 2),
    [A, B],
    table([A, B, 1], (a, b) => positionOfLargest(range(C).map((c) => value(a, b, c)))),
  );
});

it('sum and max over pairs of axes', async () => {
  const without = (a: number[], b: number[], c: number[]) =>
    a.flatMap((i) => b.flatMap((j) => c.map((k) => value(i, j, k))));
  await expectValues(
    t.sum(x, [0, 2]),
    [B],
    range(B).map((b) => total(without(range(A), [b], range(C)))),
  );
  await expectValues(
    t.max(x, [0, 1]),
    [C],
    range(C).map((c) => Math.max(...without(range(A), range(B), [c]))),
  );
  await expectValues(
    t.sum(x, [1, 2], { keepDims: true }),
    [A, 1, 1],
    range(A).map((a) => total(without([a], range(B), range(C)))),
  );
});

it('cumSum along every axis', async () => {
  const shape = [A, B, C] as const;
  await expectValues(
    t.cumSum(x, 0),
    shape,
    table(shape, (a, b, c) => total(range(a + 1).map((i) => value(i, b, c)))),
  );
  await expectValues(
    t.cumSum(x, 1),
    shape,
    table(shape, (a, b, c) => total(range(b + 1).map((i) => value(a, i, c)))),
  );
  await expectValues(
    t.cumSum(x, 2),
    shape,
    table(shape, (a, b, c) => total(range(c + 1).map((i) => value(a, b, i)))),
  );
});

describe('gather', () => {
  const shared = [1, 0, 1];
  const byRow = [2, 0, 0, 1, 2, 1]; // [A, 3]
  const indices = backend.constant(int32([3], shared));
  const rows = backend.constant(int32([A, 3], byRow));

  it('with one list of indices', async () => {
    await expectValues(
      t.gather(x, indices, 0),
      [3, B, C],
      table([3, B, C], (i, b, c) => value(shared[i]!, b, c)),
    );
    await expectValues(
      t.gather(x, indices, 1),
      [A, 3, C],
      table([A, 3, C], (a, i, c) => value(a, shared[i]!, c)),
    );
    await expectValues(
      t.gather(x, indices, 2),
      [A, B, 3],
      table([A, B, 3], (a, b, i) => value(a, b, shared[i]!)),
    );
  });

  it('with a list per batch element', async () => {
    await expectValues(
      t.gather(x, rows, 1, 1),
      [A, 3, C],
      table([A, 3, C], (a, i, c) => value(a, byRow[a * 3 + i]!, c)),
    );
    await expectValues(
      t.gather(x, rows, 2, 1),
      [A, B, 3],
      table([A, B, 3], (a, b, i) => value(a, b, byRow[a * 3 + i]!)),
    );
  });
});

describe('matMul', () => {
  const [m, k, n] = [2, 3, 4];

  it.each([
    [
      [2, 3],
      [2, 3],
    ],
    [[2, 3], [3]],
    [[3], [2, 3]],
    [[2, 1], [3]],
    [
      [2, 1],
      [1, 3],
    ],
    [[], [2, 3]],
    [[2, 3], []],
  ])('batches %j and %j', async (batchA, batchB) => {
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        const left = noise([...batchA, ...(transposeA ? [k, m] : [m, k])], 5);
        const right = noise([...batchB, ...(transposeB ? [n, k] : [k, n])], 6);
        const start = (batch: readonly number[], i: number, j: number) => {
          const [outer, inner] = batch.length === 2 ? batch : [1, batch[0] ?? 1];
          return (outer === 1 ? 0 : i) * inner! + (inner === 1 ? 0 : j);
        };
        const expected = table([2, 3, m * n], (i, j, cell) => {
          const [row, column] = [Math.floor(cell / n), cell % n];
          const a = (s: number) =>
            left.data[start(batchA, i, j) * m * k + (transposeA ? s * m + row : row * k + s)]!;
          const b = (s: number) =>
            right.data[start(batchB, i, j) * k * n + (transposeB ? column * k + s : s * n + column)]!;
          return total(range(k).map((s) => a(s) * b(s)));
        });
        const product = t.matMul(backend.constant(left), backend.constant(right), { transposeA, transposeB });
        await expectValues(product, [2, 3, m, n], expected);
      }
    }
  });
});
