/** The common task: train one block of DeiT-Ti to map a batch of noise to other noise. */

import { createRandom, float32, sizeOf, type Shape } from '@patchslim/tensor';
import { initParams, vitConfig } from '@patchslim/vit-models';

export const config = { ...vitConfig('deit-tiny'), depth: 1 };
/** `[B, N, D]`. */
export const shape: Shape = [8, 197, config.width];
export const rate = 1e-3;

const random = createRandom(0);
const noise = () =>
  float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => 2 * random() - 1),
  );
export const batch = { x: noise(), y: noise() };
/** On the host. */
export const params = initParams(config, 0);
