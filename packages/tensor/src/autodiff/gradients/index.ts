/** All gradients. */

import type { CompositeName, OpName, PrimitiveName } from '../../op.js';
import { compositeGradients } from './composites.js';
import { elementwiseGradients } from './elementwise.js';
import type { Gradient } from './gradient.js';
import { matMulGradients } from './mat-mul.js';
import { movementGradients } from './movement.js';
import { reductionGradients } from './reduction.js';

export type { Gradient } from './gradient.js';

/** Piecewise constant ops: no gradient flows through them. */
export const flatOps = ['greater', 'equal', 'argMax', 'topK'] as const satisfies readonly PrimitiveName[];

type FlatName = (typeof flatOps)[number];

/** Gradients of every primitive that is not flat, and of composites where that is cheaper than their parts. */
export const gradients: { readonly [N in Exclude<PrimitiveName, FlatName>]: Gradient<N> } & {
  readonly [N in CompositeName]?: Gradient<N>;
} = {
  ...elementwiseGradients,
  ...movementGradients,
  ...reductionGradients,
  ...matMulGradients,
  ...compositeGradients,
};

export const gradientOf = (op: OpName): Gradient<OpName> | undefined =>
  (gradients as Readonly<Partial<Record<OpName, Gradient<OpName>>>>)[op];
