/** T2T-ViT (arXiv 2101.11986): tokens of overlapping windows, sinusoidal positions, no biases of query, key and value. */

import type { VitConfig } from '../config.js';
import { deitPreprocessing } from '../preprocessing.js';
import type { Family, FamilyPreset } from './family.js';

const fourteen = { width: 384, depth: 14, heads: 6, mlpWidth: 1152 } as const;

function preset(name: string, stem: VitConfig['stem'] & string, file: string): FamilyPreset {
  return {
    name,
    config: {
      ...{ ...fourteen, stem, imageSize: 224, patchSize: 16, classes: 1000 },
      ...{ layerNormEps: 1e-5, qkvBias: 'none' },
    },
    preprocessing: preprocessing(224),
    hubId: `https://github.com/yitu-opensource/T2T-ViT/releases/download/main/${file}`,
  };
}

/** Crop 0.9. */
const preprocessing = (imageSize: number) => ({
  ...deitPreprocessing(imageSize),
  resize: { to: 'shortest', size: Math.floor(imageSize / 0.9) } as const,
});

export const t2tVit: Family = {
  name: 't2t-vit',
  title: 'T2T-ViT',
  modelTypes: [],
  architectures: /^t2t_vit_/i,
  tables: [],
  recognises: (tensors) => tensors.has('tokens_to_token.project.weight'),
  assumes: () => ({ layerNormEps: 1e-5, qkvBias: 'none' }),
  preprocessing,
  presets: [
    preset('t2t-vit-14', 't2t-performer', '81.5_T2T_ViT_14.pth.tar'),
    preset('t2t-vit-t-14', 't2t-transformer', '81.7_T2T_ViTt_14.pth.tar'),
  ],
};
