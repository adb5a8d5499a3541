/** Composite ops except activations, attention and windows: each case runs as the backend computes it and as its decomposition. */

import { float32, int32, type HostTensor, type Shape } from '../../host.js';
import type { FusedLinear } from '../../op.js';
import { compositeCases, noise, type ConformanceCase } from '../case.js';

// prettier-ignore
const linearCases = [
  ...([[4, 3], [2, 4, 3], [2, 2, 4, 3]] as Shape[]).flatMap((shape) =>
    [true, false].flatMap((biased) =>
      compositeCases({
        op: 'linear',
        name: `[${shape.join()}]${biased ? ' with bias' : ''}`,
        inputs: [noise(shape), noise([3, 5], 2), ...(biased ? [noise([5], 3)] : [])],
        attrs: {},
      }),
    ),
  ),
  ...compositeCases({
    op: 'linear',
    name: 'known values',
    inputs: [float32([1, 2], [1, 2]), float32([2, 2], [1, 2, 3, 4]), float32([2], [10, 20])],
    attrs: {},
    expected: float32([1, 2], [17, 30]),
  }),
];

/** Layers with an epilogue: every combination, other activations, then sizes below and above the tile size of a kernel. */
const fusedLinearCases = [
  ...(['geluTanh', 'quickGelu', 'silu'] as const).flatMap((activation) =>
    fusedLinearCase([2, 4, 3], 5, { activation, residual: true, biased: true }),
  ),
  ...[true, false].flatMap((biased) =>
    (
      [
        ['gelu', false],
        ['none', true],
        ['gelu', true],
      ] as const
    ).flatMap(([activation, residual]) => fusedLinearCase([2, 4, 3], 5, { activation, residual, biased })),
  ),
  ...(
    [
      [[1, 1], 1],
      [[1, 64], 96],
      [[3, 7], 4],
      [[9, 33], 36],
      [[2, 35, 36], 33],
      [[2, 35, 40], 68],
      [[300, 4], 8],
    ] as const
  ).flatMap(([shape, width]) =>
    fusedLinearCase(shape, width, { activation: 'gelu', residual: true, biased: true }),
  ),
  ...compositeCases({
    op: 'fusedLinear',
    name: 'known values',
    inputs: [
      float32([1, 2], [1, 2]),
      float32([2, 2], [1, 2, 3, 4]),
      float32([2], [10, -10]),
      float32([1, 2], [100, 200]),
    ],
    attrs: { activation: 'gelu', residual: true },
    expected: float32([1, 2], [117, 200]),
  }),
];

function fusedLinearCase(
  shape: Shape,
  width: number,
  { biased, ...attrs }: FusedLinear & { readonly biased: boolean },
): ConformanceCase[] {
  const parts = [attrs.activation, ...(biased ? ['bias'] : []), ...(attrs.residual ? ['residual'] : [])];
  return compositeCases({
    op: 'fusedLinear',
    name: `[${shape.join()}] to ${width}, ${parts.join(', ')}`,
    inputs: [
      noise(shape),
      noise([shape.at(-1)!, width], 2),
      ...(biased ? [noise([width], 3)] : []),
      ...(attrs.residual ? [noise([...shape.slice(0, -1), width], 4)] : []),
    ],
    attrs,
  });
}

/** Rows that overflow, underflow or vanish without the shift by the maximum. */
const softmaxRows: Readonly<Record<string, readonly [x: HostTensor, softmax: HostTensor]>> = {
  'equal values': [float32([1, 4], [3, 3, 3, 3]), float32([1, 4], [0.25, 0.25, 0.25, 0.25])],
  'large values': [float32([3], [1000, 1000, 0]), float32([3], [0.5, 0.5, 0])],
  'large negative values': [float32([2], [-3e38, -3e38]), float32([2], [0.5, 0.5])],
  'range of float32': [float32([2], [3e38, -1e38]), float32([2], [1, 0])],
  'zeros of both signs': [float32([2], [0, -0]), float32([2], [0.5, 0.5])],
  'minus infinity': [float32([3], [0, -Infinity, 0]), float32([3], [0.5, 0, 0.5])],
  'one value': [float32([2, 1], [5, -5]), float32([2, 1], [1, 1])],
  'known values': [float32([2], [0, Math.log(3)]), float32([2], [0.25, 0.75])],
};
const softmaxCases = [
  ...Object.entries(softmaxRows).flatMap(([name, [x, y]]) =>
    compositeCases({ op: 'softmax', name, inputs: [x], attrs: { axis: x.shape.length - 1 }, expected: y }),
  ),
  ...(['softmax', 'logSoftmax'] as const).flatMap((op) => [
    ...[0, 1, 2].flatMap((axis) =>
      compositeCases({ op, name: `axis ${axis}`, inputs: [noise([3, 4, 5], 1, -6, 6)], attrs: { axis } }),
    ),
    ...compositeCases({ op, name: 'rank 4', inputs: [noise([2, 2, 3, 7], 1, -6, 6)], attrs: { axis: 3 } }),
    ...compositeCases({ op, name: 'long row', inputs: [noise([2, 1000], 1, -9, 9)], attrs: { axis: 1 } }),
  ]),
  ...compositeCases({
    op: 'logSoftmax',
    name: 'large values',
    inputs: [float32([2], [1000, 0])],
    attrs: { axis: 0 },
    expected: float32([2], [0, -1000]),
  }),
  ...compositeCases({
    op: 'logSoftmax',
    name: 'known values',
    inputs: [float32([2], [0, Math.log(3)])],
    attrs: { axis: 0 },
    expected: float32([2], [Math.log(0.25), Math.log(0.75)]),
  }),
];

const momentCases = (['mean', 'variance'] as const).flatMap((op) => [
  ...[[0], [1], [2], [0, 2], [1, 2], [0, 1, 2]].flatMap((axes) =>
    [true, false].flatMap((keepDims) =>
      compositeCases({
        op,
        name: `axes ${axes.join()}${keepDims ? ' kept' : ''}`,
        inputs: [noise([2, 3, 4])],
        attrs: { axes, keepDims },
      }),
    ),
  ),
  ...compositeCases({
    op,
    name: 'known values',
    inputs: [float32([4], [1, 2, 3, 6])],
    attrs: { axes: [0], keepDims: false },
    expected: float32([], [op === 'mean' ? 3 : 3.5]),
  }),
  ...compositeCases({
    op,
    name: 'large offset, small spread',
    inputs: [float32([4], [1000, 1000.5, 1001, 1000.5])],
    attrs: { axes: [0], keepDims: false },
    expected: float32([], [op === 'mean' ? 1000.5 : 0.125]),
  }),
  ...compositeCases({
    op,
    name: 'of a scalar',
    inputs: [float32([], [2])],
    attrs: { axes: [], keepDims: false },
  }),
]);

const normalizeCases = [
  ...[0, 1, 2].flatMap((axis) =>
    compositeCases({
      op: 'normalize',
      name: `axis ${axis}`,
      inputs: [noise([2, 3, 4])],
      attrs: { axis, epsilon: 1e-12 },
    }),
  ),
  ...compositeCases({
    op: 'normalize',
    name: 'known values and a zero vector',
    inputs: [float32([2, 2], [3, 4, 0, 0])],
    attrs: { axis: 1, epsilon: 1e-12 },
    expected: float32([2, 2], [0.6, 0.8, 0, 0]),
  }),
  ...compositeCases({
    op: 'normalize',
    name: 'epsilon above the length',
    inputs: [float32([2], [3, 4])],
    attrs: { axis: 0, epsilon: 10 },
    expected: float32([2], [0.3, 0.4]),
  }),
];

const ones = (n: number) => float32([n], new Array<number>(n).fill(1));
const zeros = (n: number) => float32([n], new Array<number>(n).fill(0));
const layerNormCases = [
  ...([[7], [3, 7], [2, 3, 7], [2, 2, 3, 7]] as Shape[]).flatMap((shape) =>
    compositeCases({
      op: 'layerNorm',
      name: `[${shape.join()}]`,
      inputs: [noise(shape, 1, -3, 3), noise([7], 2), noise([7], 3)],
      attrs: { epsilon: 1e-6 },
    }),
  ),
  ...compositeCases({
    op: 'layerNorm',
    name: 'known values',
    inputs: [float32([1, 2], [1, 3]), float32([2], [2, 3]), float32([2], [10, 20])],
    attrs: { epsilon: 0 },
    expected: float32([1, 2], [8, 23]),
  }),
  ...compositeCases({
    op: 'layerNorm',
    name: 'constant row',
    inputs: [float32([1, 4], [5, 5, 5, 5]), ones(4), float32([4], [1, 2, 3, 4])],
    attrs: { epsilon: 1e-6 },
    expected: float32([1, 4], [1, 2, 3, 4]),
  }),
  // Variance 1e-8, a hundredth of epsilon: a kernel that omits epsilon, or adds it outside the root, is far off.
  ...compositeCases({
    op: 'layerNorm',
    name: 'variance far below epsilon',
    inputs: [float32([1, 2], [-1e-4, 1e-4]), ones(2), zeros(2)],
    attrs: { epsilon: 1e-6 },
    expected: float32([1, 2], [-0.09950371902, 0.09950371902]),
  }),
  ...compositeCases({
    op: 'layerNorm',
    name: 'epsilon 1e-12',
    inputs: [noise([2, 6], 1, -1e-3, 1e-3), ones(6), zeros(6)],
    attrs: { epsilon: 1e-12 },
    tolerance: 1e-4,
  }),
  // E[x²] − E[x]² loses all precision here.
  ...compositeCases({
    op: 'layerNorm',
    name: 'large offset, small spread',
    inputs: [float32([1, 4], [1000, 1000.5, 1001, 1000.5]), ones(4), zeros(4)],
    attrs: { epsilon: 1e-6 },
    expected: float32([1, 4], [-1.414207906, 0, 1.414207906, 0]),
    tolerance: 1e-4,
  }),
];

const oneHotCases = [
  ...compositeCases({
    op: 'oneHot',
    name: 'outside gives zeros',
    inputs: [int32([4], [2, 0, 3, -1])],
    attrs: { depth: 3 },
    expected: float32([4, 3], [0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
  }),
  ...compositeCases({
    op: 'oneHot',
    name: 'scalar',
    inputs: [int32([], [1])],
    attrs: { depth: 2 },
    expected: float32([2], [0, 1]),
  }),
  ...compositeCases({
    op: 'oneHot',
    name: 'rank 2',
    inputs: [int32([2, 2], [0, 1, 2, 1])],
    attrs: { depth: 4 },
  }),
];

const mergeRowsCases = (
  [
    // name, channels, rows, order and targets of each image, destinations
    [
      'channels of vectors',
      4,
      7,
      [
        [0, 6, 2, 1, 4, 3, 5],
        [1, 2, 3, 0, 4, 6, 5],
      ],
      [
        [0, 1],
        [1, 1],
      ],
      3,
    ],
    [
      'odd channels',
      5,
      7,
      [
        [0, 6, 2, 1, 4, 3, 5],
        [1, 2, 3, 0, 4, 6, 5],
      ],
      [
        [0, 2, 2],
        [1, 1, 1],
      ],
      3,
    ],
    [
      'one channel, one guest, none stays',
      1,
      2,
      [
        [1, 0],
        [0, 1],
      ],
      [[0], [0]],
      1,
    ],
    [
      'all rows into one, some dropped',
      8,
      6,
      [
        [3, 0, 5, 1],
        [2, 4, 3, 0],
      ],
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
      1,
    ],
  ] as const
).flatMap(([name, channels, rows, order, targets, destinations]) => {
  const x = noise([2, rows, channels]);
  const [weights, sizes] = [noise([2, rows, 1], 3, 0.1, 2), noise([2, rows, 1], 4, 1, 9)];
  const which = [int32([2, order[0].length], order.flat()), int32([2, targets[0].length], targets.flat())];
  const attrs = { destinations };
  const inputs = [x, ...which];
  return [
    ...compositeCases({ op: 'mergeRows', name: `sums: ${name}`, inputs, attrs }),
    ...compositeCases({ op: 'mergeRows', name: `means: ${name}`, inputs: [...inputs, weights], attrs }),
    ...compositeCases({
      op: 'mergeRows',
      name: `means and sizes: ${name}`,
      inputs: [...inputs, weights, sizes],
      attrs,
    }),
  ];
});

const knownMerge = {
  x: float32([1, 4, 1], [4, 7, 20, 1]),
  // Row 1 stays; row 2 is the destination of rows 3 and 0.
  order: int32([1, 4], [1, 2, 3, 0]),
  targets: int32([1, 2], [0, 0]),
};
const knownMergeCases = [
  ...compositeCases({
    op: 'mergeRows',
    name: 'known sums',
    inputs: Object.values(knownMerge),
    attrs: { destinations: 1 },
    expected: float32([1, 2, 1], [7, 25]),
  }),
  ...compositeCases({
    op: 'mergeRows',
    name: 'known means and sizes',
    inputs: [
      ...Object.values(knownMerge),
      float32([1, 4, 1], [2, 3, 2, 4]),
      float32([1, 4, 1], [1, 2, 3, 4]),
    ],
    attrs: { destinations: 1 },
    expected: float32([1, 2, 2], [7, 2, 6.5, 8]),
  }),
];

export const compositeOpCases: readonly ConformanceCase[] = [
  ...linearCases,
  ...fusedLinearCases,
  ...softmaxCases,
  ...momentCases,
  ...normalizeCases,
  ...layerNormCases,
  ...oneHotCases,
  ...mergeRowsCases,
  ...knownMergeCases,
];
