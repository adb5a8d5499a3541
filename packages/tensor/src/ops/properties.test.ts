/** Laws that hold for all shapes: broadcasting, round trips of movement, gather and scatterAdd as each other's adjoint. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { count, noise } from '../conformance/case.js';
import * as t from '../index.js';
import { broadcastShapes, float32, int32, sizeOf, type Shape, type Tensor } from '../index.js';
import { createReferenceBackend } from '../reference/index.js';

const backend = createReferenceBackend();
const dims = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });
const counted = (shape: Shape) => backend.constant(float32(shape, count(shape)));
const valuesOf = async (tensor: Tensor) => [...(await tensor.data())];

/** A result shape, and two shapes that broadcast to it: leading axes dropped, others shrunk to 1. */
const broadcastable = dims.chain((shape) =>
  fc.tuple(fc.constant(shape), shrunk(shape), shrunk(shape)).map(([full, a, b]) => ({ full, a, b })),
);
function shrunk(shape: Shape): fc.Arbitrary<Shape> {
  return fc
    .tuple(fc.nat(shape.length), fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }))
    .map(([dropped, ones]) => shape.map((dim, i) => (ones[i] ? 1 : dim)).slice(dropped));
}

it('broadcastShapes is symmetric, idempotent and the shape of add', () => {
  fc.assert(
    fc.property(broadcastable, ({ full, a, b }) => {
      const shape = broadcastShapes(a, b)!;
      expect(broadcastShapes(b, a)).toEqual(shape);
      expect(broadcastShapes(shape, a)).toEqual(shape);
      expect(broadcastShapes(full, shape)).toEqual(full);
      t.scope(backend, () => expect(t.add(counted(a), counted(b)).shape).toEqual(shape));
    }),
  );
});

it('broadcasting in an op equals broadcasting before it', async () => {
  await fc.assert(
    fc.asyncProperty(broadcastable, async ({ a, b }) => {
      const shape = broadcastShapes(a, b)!;
      const [x, y] = [counted(a), counted(b)];
      const direct = t.sub(x, y);
      expect(direct.shape).toEqual(shape);
      expect(await valuesOf(direct)).toEqual(
        await valuesOf(t.sub(t.broadcastTo(x, shape), t.broadcastTo(y, shape))),
      );
    }),
    { numRuns: 50 },
  );
});

it('a sum over a broadcast axis counts every copy', async () => {
  await fc.assert(
    fc.asyncProperty(broadcastable, async ({ full, a }) => {
      const [total] = await valuesOf(t.sum(t.broadcastTo(counted(a), full)));
      const copies = sizeOf(full) / sizeOf(a);
      expect(total).toBe(copies * count(a).reduce((x, y) => x + y, 0));
    }),
    { numRuns: 50 },
  );
});

it('reshape there and back changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(dims, async (shape) => {
      const back = t.reshape(t.reshape(counted(shape), [-1]), shape);
      expect(back.shape).toEqual(shape);
      expect(await valuesOf(back)).toEqual(count(shape));
    }),
    { numRuns: 30 },
  );
});

const shapeAndPermutation = dims.chain((shape) =>
  fc
    .shuffledSubarray(count([shape.length]), { minLength: shape.length })
    .map((permutation) => ({ shape, permutation })),
);

it('transpose by a permutation and its inverse changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(shapeAndPermutation, async ({ shape, permutation }) => {
      const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
      const back = t.transpose(t.transpose(counted(shape), permutation), inverse);
      expect(back.shape).toEqual(shape);
      expect(await valuesOf(back)).toEqual(count(shape));
    }),
    { numRuns: 50 },
  );
});

const shapeAndCut = fc
  .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 })
  .chain((shape) =>
    fc.nat(shape.length - 1).map((axis) => ({ shape: shape.with(axis, shape[axis]! + 1), axis })),
  )
  .chain(({ shape, axis }) =>
    fc.integer({ min: 1, max: shape[axis]! - 1 }).map((cut) => ({ shape, axis, cut })),
  );

it('concat rejoins slices, and pad surrounds them', async () => {
  await fc.assert(
    fc.asyncProperty(shapeAndCut, async ({ shape, axis, cut }) => {
      const x = counted(shape);
      const origin = shape.map(() => 0);
      const left = t.slice(x, origin, shape.with(axis, cut));
      const right = t.slice(x, origin.with(axis, cut), shape.with(axis, -1));
      expect(await valuesOf(t.concat([left, right], axis))).toEqual(count(shape));
      const padded = t.add(
        t.pad(left, origin, origin.with(axis, shape[axis]! - cut)),
        t.pad(right, origin.with(axis, cut), origin),
      );
      expect(await valuesOf(padded)).toEqual(count(shape));
    }),
    { numRuns: 50 },
  );
});

const selection = fc
  .record({
    shape: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 4 }),
    picks: fc.integer({ min: 1, max: 5 }),
    batchDims: fc.constantFrom(0 as const, 1 as const),
    seed: fc.nat(1000),
  })
  .chain(({ shape, ...rest }) =>
    fc.integer({ min: rest.batchDims, max: shape.length - 1 }).map((axis) => ({ shape, axis, ...rest })),
  );

it('scatterAdd is the adjoint of gather: ⟨gather x, u⟩ = ⟨x, scatterAdd u⟩', async () => {
  await fc.assert(
    fc.asyncProperty(selection, async ({ shape, axis, picks, batchDims, seed }) => {
      const rows = batchDims === 0 ? [picks] : [shape[0]!, picks];
      const random = noise(rows, seed, 0, shape[axis]).data;
      const indices = backend.constant(int32(rows, Int32Array.from(random, Math.floor)));
      const x = backend.constant(noise(shape, seed + 1));
      const u = backend.constant(noise(shape.with(axis, picks), seed + 2));
      const inner = async (a: Tensor, b: Tensor) => (await valuesOf(t.sum(t.mul(a, b))))[0]!;
      const left = await inner(t.gather(x, indices, axis, batchDims), u);
      const right = await inner(x, t.scatterAdd(t.mul(x, 0), indices, u, axis, batchDims));
      expect(left).toBeCloseTo(right, 5);
    }),
  );
});

it('topK orders like a stable sort', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 1, maxLength: 12 }),
      async (values) => {
        const got = await valuesOf(t.topK(backend.constant(float32([values.length], values)), values.length));
        const sorted = values.map((value, i) => ({ value, i })).sort((a, b) => b.value - a.value);
        expect(got).toEqual(sorted.map(({ i }) => i));
      },
    ),
  );
});
