/** Small networks like those of three families, with a classifier. Also loads in a browser. */

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
/** Tokens of overlapping windows, which attend to each other before the blocks. */
export const t2t: VitConfig = {
  ...{ name: 't2t-vit', stem: 't2t-performer', imageSize: 64, patchSize: 16, width: 16, depth: 2, heads: 2 },
  ...{ mlpWidth: 24, classes: 7, layerNormEps: 1e-5, qkvBias: 'none' },
};
