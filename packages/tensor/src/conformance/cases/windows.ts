/** Windows of images and convolutions: odd sizes, strides 1 to 4, paddings 0 to 3. */

import { valueAndGrad } from '../../autodiff/value-and-grad.js';
import { conv2d } from '../../composites/conv2d.js';
import { float32, type Shape } from '../../host.js';
import type { Windows } from '../../op.js';
import { mul } from '../../ops/elementwise.js';
import { sum } from '../../ops/reduction.js';
import { compositeCases, count, noise, type ConformanceCase } from '../case.js';

/** Strides below, at and above the side of a window; sizes of which no window covers the end. */
const windows: readonly (readonly [Shape, Windows])[] = [
  [[2, 3, 5, 7], { kernel: 1, stride: 1, padding: 0 }],
  [[2, 3, 7, 5], { kernel: 3, stride: 1, padding: 1 }],
  [[1, 2, 9, 6], { kernel: 3, stride: 2, padding: 1 }],
  [[2, 2, 8, 12], { kernel: 4, stride: 4, padding: 0 }],
  [[1, 3, 9, 11], { kernel: 4, stride: 4, padding: 0 }],
  [[1, 3, 13, 15], { kernel: 7, stride: 4, padding: 2 }],
  [[2, 3, 10, 11], { kernel: 7, stride: 2, padding: 3 }],
  [[1, 2, 11, 9], { kernel: 2, stride: 3, padding: 0 }],
];

const nameOf = (shape: Shape, { kernel, stride, padding }: Windows): string =>
  `[${shape.join()}], kernel ${kernel}, stride ${stride}, padding ${padding}`;

const unfoldCases = [
  ...compositeCases({
    op: 'unfold',
    name: 'known values',
    inputs: [float32([1, 2, 2, 3], count([1, 2, 2, 3]))],
    attrs: { kernel: 2, stride: 1, padding: 0 },
    expected: float32([1, 2, 8], [0, 1, 3, 4, 6, 7, 9, 10, 1, 2, 4, 5, 7, 8, 10, 11]),
  }),
  ...windows.flatMap(([shape, attrs]) =>
    compositeCases({ op: 'unfold', name: nameOf(shape, attrs), inputs: [noise(shape)], attrs }),
  ),
];

const conv2dCases = [
  ...compositeCases({
    op: 'conv2d',
    name: 'known values',
    inputs: [
      float32([1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]),
      float32([2, 1, 2, 2], [1, 0, 0, 1, 0, 1, -1, 0]),
      float32([2], [10, 20]),
    ],
    attrs: { stride: 1, padding: 0 },
    expected: float32([1, 2, 2, 2], [16, 18, 22, 24, 18, 18, 18, 18]),
  }),
  ...windows.flatMap(([shape, { kernel, ...attrs }], i) => {
    const bias = i % 2 === 0 ? [noise([5], 3)] : [];
    return compositeCases({
      op: 'conv2d',
      name: `${nameOf(shape, { kernel, ...attrs })}${bias.length > 0 ? ', bias' : ''}`,
      inputs: [noise(shape), noise([5, shape[1]!, kernel, kernel], 2), ...bias],
      attrs,
    });
  }),
];

const gradientCase: ConformanceCase = {
  name: 'gradient/of a convolution',
  op: 'conv2d',
  inputs: { x: noise([2, 3, 6, 7]), weight: noise([4, 3, 3, 3], 2), bias: noise([4], 3) },
  run({ x, weight, bias }) {
    const { value, grads } = valueAndGrad(x!.backend, [x!, weight!, bias!], () => {
      const y = conv2d(x!, weight!, bias, { stride: 2, padding: 1 });
      return sum(mul(y, y));
    });
    return { value, dx: grads[0]!, dweight: grads[1]!, dbias: grads[2]! };
  },
  tolerance: 1e-4,
};

export const windowCases: readonly ConformanceCase[] = [...unfoldCases, ...conv2dCases, gradientCase];
