/** Sizes that several families share. */

import type { VitConfig } from '../config.js';

/** Sizes of the blocks. */
export type Size = Pick<VitConfig, 'width' | 'depth' | 'heads' | 'mlpWidth'>;

export const tiny: Size = { width: 192, depth: 12, heads: 3, mlpWidth: 768 };
export const small: Size = { width: 384, depth: 12, heads: 6, mlpWidth: 1536 };
export const base: Size = { width: 768, depth: 12, heads: 12, mlpWidth: 3072 };
export const large: Size = { width: 1024, depth: 24, heads: 16, mlpWidth: 4096 };

/** Patches of 16 pixels, and ImageNet's classes. */
export const plain = { patchSize: 16, classes: 1000, layerNormEps: 1e-6 } as const;
