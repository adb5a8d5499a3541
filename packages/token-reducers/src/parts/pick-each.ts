/** Picks rows of each image by index. */

import { gather, type Tensor } from '@patchslim/tensor';
import type { RowPicker } from '@patchslim/vit-models';

/** Picks rows by their index in each image, int32 `[B, k]`. */
export const pickEach =
  (indices: Tensor): RowPicker =>
  (x) =>
    gather(x, indices, 1, 1);
