/** Types of TensorFlow.js. Nothing here loads it: callers pass the namespace. */

import type * as core from '@tensorflow/tfjs-core';

/** The namespace of `@tensorflow/tfjs-core`, or of a package that re-exports it. */
export type Tfjs = typeof core;
export type TfTensor = core.Tensor;
export type TfImages = core.Tensor4D;
/** An instance of one of tfjs's own backends. */
export type TfKernelBackend = core.KernelBackend;
