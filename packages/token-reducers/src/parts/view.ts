/** Sizes of a block's view. */

import type { BlockView, VitConfig } from '@patchslim/vit-models';

/** `n_in`. */
export const rowsOf = ({ tokens }: BlockView): number => tokens.shape[1]!;

export const headWidth = ({ width, heads }: VitConfig): number => width / heads;
