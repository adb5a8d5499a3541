/** All kernels, by form. */

import type { CompositeName, PrimitiveName } from '@patchslim/tensor';
import type { Form } from '../graph.js';
import { portableComposites, runtimeComposites, webgpuComposites } from './composites.js';
import { elementwise } from './elementwise.js';
import type { EmitSome, Emits } from './emit.js';
import { indexing } from './indexing.js';
import { fusedMatrix, matrix } from './matrix.js';
import { movement } from './movement.js';
import { reduction } from './reduction.js';
import { webgpuKernels } from './webgpu.js';
import { inInt64 } from './wide.js';

export type { EmitSome } from './emit.js';
export type FormKernels = Emits<PrimitiveName> & { readonly [N in CompositeName]?: EmitSome<N> };

const shared = { ...elementwise, ...movement, ...reduction, ...indexing, ...matrix };

export const kernelsByForm: Readonly<Record<Form, FormKernels>> = {
  portable: { ...inInt64(shared), ...portableComposites },
  runtime: { ...inInt64(shared), ...fusedMatrix, ...runtimeComposites },
  webgpu: { ...shared, ...webgpuComposites, ...webgpuKernels },
};
