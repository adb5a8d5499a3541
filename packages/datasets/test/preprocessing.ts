/** The preprocessing of DeiT, and one that is quick to run. */

import type { Preprocessing } from '@patchslim/vit-models';

export const deit: Preprocessing = {
  resize: 256,
  crop: 224,
  interpolation: 'bicubic',
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};

export const small: Preprocessing = {
  ...deit,
  resize: 20,
  crop: 16,
  mean: [0.5, 0.5, 0.5],
  std: [0.5, 0.5, 0.5],
};
