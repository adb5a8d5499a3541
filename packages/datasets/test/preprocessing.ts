/** The preprocessing of DeiT, and one that is quick to run. */

import { deitPreprocessing, type Preprocessing } from '@patchslim/vit-models';

export const deit: Preprocessing = deitPreprocessing(224);

export const small: Preprocessing = {
  ...deit,
  height: 16,
  width: 16,
  resize: { to: 'shortest', size: 20 },
  mean: [0.5, 0.5, 0.5],
  std: [0.5, 0.5, 0.5],
};
