/** Our WebGPU kernels, for ops that tfjs lacks or runs in many dispatches. tfjs runs all others. */

import type { OpName } from '@patchslim/tensor';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { computes, type Compute, type OverridingComputes } from '../kernels/index.js';
import type { Tfjs } from '../tfjs.js';
import { attentionProbabilities } from './attention-probabilities.js';
import { attention } from './attention.js';
import { gather } from './gather.js';
import { gelu } from './gelu.js';
import { layerNorm } from './layer-norm.js';
import type { HalvesOf } from './half-weights.js';
import { createLayerKernels } from './linear.js';
import { mergeRows } from './merge-rows.js';
import { normalize } from './normalize.js';
import { createRunShader, type OwnKernel } from './program.js';
import { mostPicks, scatterAdd } from './scatter-add.js';
import { longestRow, topK } from './top-k.js';

/**
 * Creates the kernels for an instance, on its device.
 * @param halvesOf returns the float16 copy of a weight
 */
export function createOwnKernels(
  tf: Tfjs,
  instance: WebGPUBackend,
  halvesOf: HalvesOf = () => undefined,
): OverridingComputes {
  const layers = createLayerKernels(halvesOf);
  const run = createRunShader(tf, instance);
  const own =
    <N extends OpName>(kernel: OwnKernel<N>): Compute<N> =>
    (_, inputs, attrs, output) =>
      kernel(run, inputs, attrs, output);
  return {
    layerNorm: own(layerNorm),
    gelu: own(gelu),
    linear: own(layers.linear),
    fusedLinear: own(layers.fusedLinear),
    attention: own(attention),
    attentionProbabilities: own(attentionProbabilities),
    gather: own(gather),
    normalize: own(normalize),
    mergeRows: own(mergeRows),
    scatterAdd: (tf, inputs, attrs, output) =>
      inputs[1]!.shape.at(-1)! <= mostPicks
        ? scatterAdd(run, inputs, attrs, output)
        : computes.scatterAdd(tf, inputs, attrs, output),
    topK: (tf, inputs, attrs, output) =>
      inputs[0]!.shape.at(-1)! <= longestRow
        ? topK(run, inputs, attrs, output)
        : computes.topK(tf, inputs, attrs, output),
  };
}
