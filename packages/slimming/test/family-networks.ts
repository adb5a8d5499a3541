/** Small networks like those of two families, with a classifier. Also loads in a browser. */

import { familyConfigs } from '@patchslim/testing/plain-vit';
import type { VitConfig } from '@patchslim/vit-models';

function networkLike(family: string): VitConfig {
  const found = familyConfigs.find(({ name }) => name === family)!;
  return { ...found, depth: 2, headless: false, classes: 7 };
}

/** Registers, rotary positions, a gated MLP, LayerScale. */
export const dinov3 = networkLike('dinov3');
/** No class token, an attention pool. */
export const siglip = networkLike('siglip');
