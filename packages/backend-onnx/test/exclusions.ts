/** The conformance cases that each build of ONNX Runtime fails, with reasons. The table of backends reads it. */

import type { Exclusion } from '@patchslim/tensor/conformance';

export const exclusions: Readonly<Record<'web wasm' | 'web webgpu', readonly Exclusion[]>> = {
  'web wasm': [],
  'web webgpu': [],
};
