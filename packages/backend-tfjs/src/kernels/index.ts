/** All kernels. */

import type { CompositeName, PrimitiveName } from '@patchslim/tensor';
import { composites } from './composites.js';
import type { Compute, Computes } from './compute.js';
import { elementwise } from './elementwise.js';
import { indexing } from './indexing.js';
import { matrix } from './matrix.js';
import { movement } from './movement.js';
import { reduction } from './reduction.js';

export type { Compute, OverridingComputes } from './compute.js';

export const computes: Computes<PrimitiveName> & { readonly [N in CompositeName]?: Compute<N> } = {
  ...elementwise,
  ...movement,
  ...indexing,
  ...reduction,
  ...matrix,
  ...composites,
};
