/** Conformance cases that a backend of tfjs does not pass, with the reason. */

import type { Exclusion } from '@patchslim/tensor/conformance';

const inFloat32 = "tfjs's WebGPU kernels compute int32 in float32, which is exact up to 2^24 only";

export const webgpuExclusions: readonly Exclusion[] = [
  { case: 'add/int32', reason: inFloat32 },
  { case: 'sub/int32', reason: inFloat32 },
];
