/** The driver of the reference backend: a handle is a `Float64Array` that nobody writes to. */

import type { BackendDriver } from '../backend.js';
import type { HostData, TensorSpec } from '../host.js';
import { elementwiseKernels } from './elementwise.js';
import { indexingKernels } from './indexing.js';
import { matMul } from './mat-mul.js';
import { movementKernels } from './movement.js';
import { reductionKernels } from './reduction.js';

export const referenceDriver: BackendDriver = {
  name: 'reference',
  kernels: { ...elementwiseKernels, ...movementKernels, ...indexingKernels, ...reductionKernels, matMul },
  upload: ({ data }) => Float64Array.from(data),
  download: (handle, spec) => rounded(handle as Float64Array, spec),
  release: () => undefined,
};

function rounded(values: Float64Array, { dtype }: TensorSpec): HostData {
  switch (dtype) {
    case 'float32':
      return Float32Array.from(values);
    case 'int32':
      return Int32Array.from(values);
    case 'bool':
      return Uint8Array.from(values);
    default:
      return dtype satisfies never;
  }
}
