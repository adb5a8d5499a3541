import { describe, expect, it } from 'vitest';
import { huggingFaceWeights, smallConfig, smallWeights } from '../../test/checkpoint-fixtures.js';
import { canonicalShapes } from './canonical-shapes.js';
import { canonicalNames, foreignNames } from './names.js';

const distilled = { ...smallConfig, distilled: true };

describe('canonicalNames', () => {
  it('leaves timm names as they are', () => {
    const names = [...canonicalShapes(distilled).keys()];
    const { family, sources, ignored } = canonicalNames(names, 'x');
    expect(family).toBe('timm');
    expect([...sources]).toEqual(names.map((name) => [name, [name]]));
    expect(ignored).toEqual([]);
  });

  it.each([
    ['legacy', 'vit.'],
    ['legacy', 'deit.'],
    ['legacy', ''],
    ['v5', 'vit.'],
    ['v5', 'deit.'],
    ['v5', ''],
  ] as const)('translates Hugging Face names (%s, prefix "%s")', (style, prefix) => {
    for (const config of [smallConfig, distilled]) {
      const names = [...huggingFaceWeights(smallWeights(config), style, prefix).keys()];
      const { family, sources, ignored } = canonicalNames(names, 'x');
      expect(family).toBe('huggingface');
      expect([...sources.keys()].sort()).toEqual([...canonicalShapes(config).keys()].sort());
      expect([...sources.values()].flat().sort()).toEqual([...names].sort());
      expect(ignored).toEqual([]);
    }
  });

  it('joins query, key and value in this order, whatever their order in the file', () => {
    const names = ['value', 'query', 'key'].map(
      (part) => `vit.encoder.layer.3.attention.attention.${part}.bias`,
    );
    expect(canonicalNames(names, 'x').sources).toEqual(
      new Map([['blocks.3.attn.qkv.bias', [names[1], names[2], names[0]]]]),
    );
  });

  it('lists what it does not know', () => {
    const extras = [
      'vit.pooler.dense.weight',
      'vit.embeddings.mask_token',
      'pre_logits.fc.bias',
      'classifier',
      'head',
    ];
    expect(canonicalNames(['cls_token', ...extras], 'x').ignored).toEqual(extras);
  });

  it('refuses two names for one weight, two families, and a value without its query', () => {
    expect(() => canonicalNames(['classifier.bias', 'cls_classifier.bias'], 'f')).toThrow(
      /same weight, head.bias/,
    );
    expect(() => canonicalNames(['head.bias', 'vit.layernorm.bias'], 'f')).toThrow(
      /huggingface name among timm/,
    );
    expect(() => canonicalNames(['layers.0.attention.v_proj.bias'], 'f')).toThrow(
      /not the query and key of blocks.0/,
    );
  });
});

it('foreignNames finds what would change the computation', () => {
  const foreign = ['blocks.0.ls1.gamma', 'encoder.layer.1.layer_scale1.lambda1', 'layers.0.x', 'reg_token', 'fc_norm.weight']; // prettier-ignore
  expect(foreignNames(['pooler.dense.weight', 'mask_token', ...foreign])).toEqual(foreign);
});
