/** Our own kernels for WebGPU: ops for which tfjs has none, or takes many dispatches. All others stay tfjs's. */

import type { OpName } from '@patchslim/tensor';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { computes, type Compute, type OverridingComputes } from '../kernels/index.js';
import type { Tfjs } from '../tfjs.js';
import { attentionProbabilities } from './attention-probabilities.js';
import { attention } from './attention.js';
import { gather } from './gather.js';
import { gelu } from './gelu.js';
import { layerNorm } from './layer-norm.js';
import { fusedLinear, linear } from './linear.js';
import { createRunShader, type OwnKernel } from './program.js';
import { longestRow, topK } from './top-k.js';

/** For the instance on whose device they run. */
export function createOwnKernels(tf: Tfjs, instance: WebGPUBackend): OverridingComputes {
  const run = createRunShader(tf, instance);
  const own =
    <N extends OpName>(kernel: OwnKernel<N>): Compute<N> =>
    (_, inputs, attrs, output) =>
      kernel(run, inputs, attrs, output);
  return {
    layerNorm: own(layerNorm),
    gelu: own(gelu),
    linear: own(linear),
    fusedLinear: own(fusedLinear),
    attention: own(attention),
    attentionProbabilities: own(attentionProbabilities),
    gather: own(gather),
    topK: (tf, inputs, attrs, output) =>
      inputs[0]!.shape.at(-1)! <= longestRow
        ? topK(run, inputs, attrs, output)
        : computes.topK(tf, inputs, attrs, output),
  };
}
