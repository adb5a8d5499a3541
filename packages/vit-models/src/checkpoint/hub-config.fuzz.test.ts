/** Hostile `config.json` and `preprocessor_config.json`. */

import { fuzz, fuzzTimeout, mutatedJsonText } from '@patchslim/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readHubConfig } from './hub-config.js';

const models = [
  {
    hidden_act: 'gelu',
    layer_norm_eps: 1e-12,
    num_attention_heads: 3,
    id2label: { 0: 'tench', 1: 'shark' },
  },
  {
    architecture: 'vit_tiny_patch16_224',
    pretrained_cfg: {
      input_size: [3, 224, 224],
      crop_pct: 0.9,
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.5],
    },
  },
];
const preprocessors = [
  { size: 224, image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] },
  {
    size: { shortest_edge: 256 },
    do_center_crop: true,
    crop_size: { height: 224, width: 224 },
    image_mean: [0.485, 0.456, 0.406],
    image_std: [0.229, 0.224, 0.225],
  },
];

it('either file is read, or refused as CHECKPOINT_INVALID', { timeout: fuzzTimeout }, async () => {
  const { accepted, refused } = await fuzz({
    inputs: fc.tuple(mutatedJsonText(models), mutatedJsonText(preprocessors)),
    read: ([config, preprocessor]) => {
      const read = readHubConfig(
        { name: 'config.json', text: config },
        { name: 'preprocessor_config.json', text: preprocessor },
      );
      if (!read.preprocessing) return;
      const { resize, crop, mean, std } = read.preprocessing;
      expect(Number.isInteger(resize) && Number.isInteger(crop) && crop > 0 && resize >= crop).toBe(true);
      expect([...mean, ...std].every(Number.isFinite) && std.every((value) => value > 0)).toBe(true);
      expect(read.labels?.every((label) => typeof label === 'string') ?? true).toBe(true);
      expect(read.heads ?? 1).toBeGreaterThan(0);
    },
    codes: ['CHECKPOINT_INVALID'],
  });
  expect(accepted).toBeGreaterThan(0);
  expect(refused['CHECKPOINT_INVALID']).toBeGreaterThan(0);
});
