/** Other networks are refused by their names, and no family that loads is taken for one. */

import { float32 } from '@patchslim/tensor';
import { describe, expect, it } from 'vitest';
import { encodeWeights } from '../../test/checkpoint-fixtures.js';
import { goldenFamilyNames, readGoldenFamily } from '../../test/golden-families.js';
import { fromPretrained } from '../checkpoint/from-pretrained.js';
import { families } from './list.js';
import { refusedNetwork } from './refused.js';

const one = float32([1], [1]);

function load(config: object | undefined, ...tensors: readonly string[]) {
  const weights = new Map(tensors.map((name) => [name, one]));
  return fromPretrained([
    new File([encodeWeights(weights)], 'model.safetensors'),
    ...(config ? [new File([JSON.stringify(config)], 'config.json')] : []),
  ]);
}

describe('fromPretrained refuses', () => {
  it.each([
    ['Swin by its type', { model_type: 'swin' }, ['a'], /Swin attends within windows/],
    ['Swin of timm', { architecture: 'swin_tiny_patch4_window7_224' }, ['a'], /Swin attends/],
    [
      'Swin by its tensors',
      undefined,
      ['patch_embed.proj.weight', 'layers.0.blocks.0.attn.relative_position_bias_table'],
      /Swin attends/,
    ],
    ['Segment Anything', { model_type: 'sam' }, ['a'], /Segment Anything attends/],
    ['MobileCLIP', { architecture: 'vit_base_mci_224' }, ['a'], /a hybrid with a convolutional network/],
    ['a hybrid', { model_type: 'vit_hybrid' }, ['a'], /a hybrid/],
    [
      "MAE's decoder",
      undefined,
      ['cls_token', 'decoder_blocks.0.norm1.weight'],
      /pretraining model of MAE has a decoder/,
    ],
    ['SegFormer', { model_type: 'segformer' }, ['a'], /several resolutions/],
    [
      'ResNet',
      undefined,
      ['conv1.weight', 'bn1.running_mean', 'layer1.0.conv1.weight'],
      /no tokens to remove/,
    ],
  ])('%s', async (_, config, tensors, message) => {
    await expect(load(config, ...tensors)).rejects.toThrow(message);
    await expect(load(config, ...tensors)).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' });
  });
});

it('no family that loads is taken for another network', () => {
  for (const { modelTypes } of families) {
    for (const modelType of modelTypes) expect(refusedNetwork({ modelType })).toBeUndefined();
  }
  for (const name of goldenFamilyNames()) {
    const { tensors, config } = readGoldenFamily(name);
    const { architecture } = JSON.parse(config?.text ?? '{}') as { architecture?: string };
    expect(refusedNetwork({ tensors: tensors.keys(), architecture }), name).toBeUndefined();
  }
});
