/** All kernels, by form. */

import type { CompositeName, PrimitiveName } from '@patchslim/tensor';
import type { Form } from '../graph.js';
import { portableComposites, runtimeComposites, webgpuComposites } from './composites.js';
import { elementwise } from './elementwise.js';
import type { Emit, EmitSome, Emits } from './emit.js';
import { indexing } from './indexing.js';
import { fusedMatrix, matrix } from './matrix.js';
import { mergeRowsBy, oneHotByLookup, oneHotInside } from './merge-rows.js';
import { movement } from './movement.js';
import { ofOneQuery } from './one-query.js';
import { reduction } from './reduction.js';
import { oneHotByEqual, webgpuKernels } from './webgpu.js';
import { inInt64 } from './wide.js';

export type { EmitSome } from './emit.js';
export type FormKernels = Emits<PrimitiveName> & { readonly [N in CompositeName]?: EmitSome<N> };

const shared = { ...elementwise, ...movement, ...reduction, ...indexing, ...matrix };

/** Composites that are made of other kernels of the form. */
const assembled = (
  { gather, matMul }: Emits<'gather' | 'matMul'>,
  oneHot: Emit<'oneHot'>,
): Emits<'attentionProbabilities' | 'mergeRows'> => ({
  attentionProbabilities: ofOneQuery(matMul),
  mergeRows: mergeRowsBy({ gather, matMul, oneHot }),
});

const portable = inInt64(shared);
const runtime = { ...portable, ...fusedMatrix };
const webgpu = { ...shared, ...webgpuKernels };

export const kernelsByForm: Readonly<Record<Form, FormKernels>> = {
  portable: { ...portable, ...portableComposites, ...assembled(portable, oneHotInside) },
  runtime: { ...runtime, ...runtimeComposites, ...assembled(runtime, oneHotByLookup(oneHotInside)) },
  webgpu: { ...webgpu, ...webgpuComposites, ...assembled(webgpu, oneHotByLookup(oneHotByEqual)) },
};
