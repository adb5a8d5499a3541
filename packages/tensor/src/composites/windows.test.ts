/** Windows and convolutions against plain loops over pixels, for random sizes, strides and paddings. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { noise } from '../conformance/case.js';
import { conv2d, range, unfold, type HostTensor } from '../index.js';
import { createReferenceBackend } from '../reference/index.js';

const backend = createReferenceBackend();

/** A pixel of an image that zeros surround. */
function pixel({ shape, data }: HostTensor, b: number, c: number, y: number, x: number): number {
  const [, channels, height, width] = shape as [number, number, number, number];
  const inside = y >= 0 && y < height && x >= 0 && x < width;
  return inside ? data[((b * channels + c) * height + y) * width + x]! : 0;
}

/** Top left corners of the windows along one side, found by moving a window until it leaves the image. */
function corners(length: number, kernel: number, stride: number, padding: number): number[] {
  const found: number[] = [];
  for (let corner = -padding; corner + kernel <= length + padding; corner += stride) found.push(corner);
  return found;
}

const settings = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    channels: fc.integer({ min: 1, max: 3 }),
    height: fc.integer({ min: 1, max: 9 }),
    width: fc.integer({ min: 1, max: 9 }),
    kernel: fc.integer({ min: 1, max: 5 }),
    stride: fc.integer({ min: 1, max: 4 }),
    padding: fc.integer({ min: 0, max: 3 }),
  })
  .filter(({ height, width, kernel, padding }) => Math.min(height, width) + 2 * padding >= kernel);

it('unfold takes the pixels of each window, channel by channel', async () => {
  await fc.assert(
    fc.asyncProperty(settings, async ({ batch, channels, height, width, kernel, stride, padding }) => {
      const images = noise([batch, channels, height, width]);
      const expected = range(batch).flatMap((b) =>
        corners(height, kernel, stride, padding).flatMap((top) =>
          corners(width, kernel, stride, padding).flatMap((left) =>
            range(channels).flatMap((c) =>
              range(kernel).flatMap((y) => range(kernel).map((x) => pixel(images, b, c, top + y, left + x))),
            ),
          ),
        ),
      );
      const rows = unfold(backend.constant(images), { kernel, stride, padding });
      expect(rows.shape[2]).toBe(channels * kernel ** 2);
      expect([...(await rows.data())]).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

it('conv2d sums the products of each window with each kernel, and adds the bias', async () => {
  await fc.assert(
    fc.asyncProperty(settings, async ({ batch, channels, height, width, kernel, stride, padding }) => {
      const outputs = 2;
      const images = noise([batch, channels, height, width]);
      const kernels = noise([outputs, channels, kernel, kernel], 2);
      const bias = noise([outputs], 3);
      const [tops, lefts] = [height, width].map((length) => corners(length, kernel, stride, padding));
      const expected = range(batch).flatMap((b) =>
        range(outputs).flatMap((o) =>
          tops!.flatMap((top) =>
            lefts!.map((left) => {
              let sum = bias.data[o]!;
              for (const c of range(channels)) {
                for (const y of range(kernel)) {
                  for (const x of range(kernel))
                    sum += pixel(images, b, c, top + y, left + x) * pixel(kernels, o, c, y, x);
                }
              }
              return sum;
            }),
          ),
        ),
      );
      const [x, weight, shift] = [images, kernels, bias].map((host) => backend.constant(host));
      const result = conv2d(x!, weight!, shift, { stride, padding });
      expect(result.shape).toEqual([batch, outputs, tops!.length, lefts!.length]);
      const got = await result.data();
      expected.forEach((value, i) => expect(got[i]).toBeCloseTo(value, 5));
    }),
    { numRuns: 60 },
  );
});

it('windows move by one pixel inside the image by default', () => {
  const images = backend.constant(noise([1, 2, 4, 5]));
  expect(unfold(images, { kernel: 3 }).shape).toEqual([1, 6, 18]);
  expect(conv2d(images, backend.constant(noise([3, 2, 3, 3]))).shape).toEqual([1, 3, 2, 3]);
});
