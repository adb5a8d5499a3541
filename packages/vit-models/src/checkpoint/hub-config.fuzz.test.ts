/** Hostile `config.json` and `preprocessor_config.json`. */

import { fuzz, fuzzTimeout, mutatedJsonText } from '@patchslim/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readHubConfig } from './hub-config.js';

const mean = [0.5, 0.5, 0.5];
const models = [
  {
    model_type: 'vit',
    hidden_act: 'gelu',
    layer_norm_eps: 1e-12,
    num_attention_heads: 3,
    id2label: { 0: 'tench', 1: 'shark' },
  },
  {
    architecture: 'vit_tiny_patch16_224',
    num_classes: 2,
    label_names: ['tench', 'shark'],
    pretrained_cfg: { input_size: [3, 224, 224], crop_pct: 0.9, crop_mode: 'border', mean, std: mean },
  },
  { architecture: 'deit', input_size: [3, 32, 32], interpolation: 'lanczos', mean, std: 0.5 },
];
const preprocessors = [
  { size: 224, image_mean: mean, image_std: mean, do_rescale: false },
  {
    image_processor_type: 'CLIPImageProcessor',
    size: { shortest_edge: 256, longest_edge: 400 },
    resample: 5,
    do_center_crop: true,
    crop_size: { height: 224, width: 224 },
    image_mean: 0.5,
    image_std: [0.229, 0.224, 0.225],
  },
  { feature_extractor_type: 'ViTFeatureExtractor', size: [20, 20], do_normalize: false },
];

it('either file is read, or refused as CHECKPOINT_INVALID', { timeout: fuzzTimeout }, async () => {
  const { accepted, refused } = await fuzz({
    inputs: fc.tuple(mutatedJsonText(models), mutatedJsonText(preprocessors)),
    read: ([config, preprocessor]) => {
      const read = readHubConfig(
        { name: 'config.json', text: config },
        { name: 'preprocessor_config.json', text: preprocessor },
      );
      expect(read.labels?.every((label) => typeof label === 'string') ?? true).toBe(true);
      expect(read.heads ?? 1).toBeGreaterThan(0);
      if (!read.preprocessing) return;
      const { resize, height, width, rescale, mean, std, fill } = read.preprocessing;
      const sides = Object.values(resize).filter((side) => typeof side === 'number');
      expect([height, width, ...sides].every((side) => Number.isInteger(side) && side > 0)).toBe(true);
      expect([rescale, ...mean, ...std].every(Number.isFinite) && std.every((value) => value > 0)).toBe(true);
      expect(fill.every((value) => Number.isInteger(value) && value >= 0 && value <= 255)).toBe(true);
    },
    codes: ['CHECKPOINT_INVALID'],
  });
  expect(accepted).toBeGreaterThan(0);
  expect(refused['CHECKPOINT_INVALID']).toBeGreaterThan(0);
});
