/** Our own kernels for WebGPU: ops for which tfjs has none, or takes many dispatches. All others stay tfjs's. */

import type { OpName } from '@patchslim/tensor';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { Compute, OverridingComputes } from '../kernels/index.js';
import type { Tfjs } from '../tfjs.js';
import { attention } from './attention.js';
import { gelu } from './gelu.js';
import { layerNorm } from './layer-norm.js';
import { createRunShader, type OwnKernel, type RunShader } from './program.js';

/** Bound to the instance on whose device they run. */
export function createOwnKernels(tf: Tfjs, instance: WebGPUBackend): OverridingComputes {
  const run = createRunShader(tf, instance);
  return {
    layerNorm: bind(run, layerNorm),
    gelu: bind(run, gelu),
    attention: bind(run, attention),
  };
}

const bind =
  <N extends OpName>(run: RunShader, kernel: OwnKernel<N>): Compute<N> =>
  (_, inputs, attrs, output) =>
    kernel(run, inputs, attrs, output);
