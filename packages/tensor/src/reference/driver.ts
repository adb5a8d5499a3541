/** The driver of the reference backend: a handle is an immutable `Float64Array`. */

import type { BackendDriver } from '../backend.js';
import { hostData } from '../host.js';
import { elementwiseKernels } from './elementwise.js';
import { indexingKernels } from './indexing.js';
import { matMul } from './mat-mul.js';
import { movementKernels } from './movement.js';
import { reductionKernels } from './reduction.js';

export const referenceDriver: BackendDriver = {
  name: 'reference',
  kernels: { ...elementwiseKernels, ...movementKernels, ...indexingKernels, ...reductionKernels, matMul },
  upload: ({ data }) => Float64Array.from(data),
  download: (handle, spec) => hostData(handle as Float64Array, spec.dtype),
  release: () => undefined,
};
