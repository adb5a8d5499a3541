/** All kernels, by form. */

import type { CompositeName, PrimitiveName } from '@patchslim/tensor';
import type { Form } from '../graph.js';
import { portableComposites, runtimeComposites, webgpuComposites } from './composites.js';
import { elementwise } from './elementwise.js';
import type { Emit, Emits } from './emit.js';
import { indexing } from './indexing.js';
import { matrix } from './matrix.js';
import { movement } from './movement.js';
import { reduction } from './reduction.js';
import { webgpuKernels } from './webgpu.js';

export type { Emit } from './emit.js';
export type FormKernels = Emits<PrimitiveName> & { readonly [N in CompositeName]?: Emit<N> };

const shared = { ...elementwise, ...movement, ...reduction, ...indexing, ...matrix };

export const kernelsByForm: Readonly<Record<Form, FormKernels>> = {
  portable: { ...shared, ...portableComposites },
  runtime: { ...shared, ...runtimeComposites },
  webgpu: { ...shared, ...webgpuComposites, ...webgpuKernels },
};
