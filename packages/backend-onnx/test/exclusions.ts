/** What each build of ONNX Runtime fails of the conformance suite, and why. The table of backends is made of it. */

import type { Exclusion } from '@patchslim/tensor/conformance';

export const exclusions: Readonly<Record<'web wasm' | 'web webgpu', readonly Exclusion[]>> = {
  'web wasm': [],
  'web webgpu': [],
};
