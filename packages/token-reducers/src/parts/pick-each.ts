/** Rows of each image by index. */

import { gather, type Tensor } from '@patchslim/tensor';
import type { RowPicker } from '@patchslim/vit-models';

/** Rows by their index in each image, int32 `[B, k]`. */
export const pickEach =
  (indices: Tensor): RowPicker =>
  (x) =>
    gather(x, indices, 1, 1);
