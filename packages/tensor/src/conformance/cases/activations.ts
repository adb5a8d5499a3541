/** Activations: exact GELU, its approximations, SiLU. */

import { float32 } from '../../host.js';
import { compositeCases, count, type ConformanceCase } from '../case.js';

// prettier-ignore
const geluCases = [
  ...compositeCases({
    op: 'gelu',
    name: 'known values',
    inputs: [float32([6], [-10, -1, 0, 0.5, 1, 10])],
    attrs: {},
    expected: float32([6], [0, -0.15865525393145707, 0, 0.34573123063700656, 0.8413447460685429, 10]),
  }),
  // The tanh approximation is off by up to 5e-4 on this range.
  ...compositeCases({
    op: 'gelu',
    name: 'exact, not the tanh approximation',
    inputs: [float32([17, 25], count([17, 25]).map((i) => (i - 212) / 50))],
    attrs: {},
  }),
  ...compositeCases({ op: 'gelu', name: 'scalar', inputs: [float32([], [-0.7])], attrs: {} }),
];

/** Values at ½, 1 and 2½, and far from 0, where each activation is the identity or 0; `f(−x) = f(x) − x`. */
const approximationCases = (
  [
    ['geluTanh', 0.34571400982514394, 0.8411919906082768, 2.484915733910001],
    ['quickGelu', 0.35038843660638014, 0.8457957659328212, 2.46501383495143],
    ['silu', 0.3112296656009273, 0.7310585786300049, 2.3103545499468914],
  ] as const
).flatMap(([op, ...[ofHalf, ofOne, ofMore]]) =>
  compositeCases({
    op,
    name: 'known values',
    inputs: [float32([11], [-1000, -100, -2.5, -1, -0.5, 0, 0.5, 1, 2.5, 100, 1000])],
    attrs: {},
    expected: float32(
      [11],
      [0, 0, ofMore - 2.5, ofOne - 1, ofHalf - 0.5, 0, ofHalf, ofOne, ofMore, 100, 1000],
    ),
  }),
);

export const activationCases: readonly ConformanceCase[] = [
  ...geluCases,
  ...approximationCases,
  ...compositeCases({ op: 'geluTanh', name: 'scalar', inputs: [float32([], [-0.7])], attrs: {} }),
];
