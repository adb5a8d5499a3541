import { describe, expect, it } from 'vitest';
import { huggingFaceWeights, smallConfig, smallWeights } from '../../test/checkpoint-fixtures.js';
import { canonicalShapes } from '../spec.js';
import { canonicalNames, foreignNames } from './names.js';

const distilled = { ...smallConfig, prefix: ['class', 'distillation'] as const };

describe('canonicalNames', () => {
  it('leaves timm names as they are', () => {
    const names = [...canonicalShapes(distilled).keys()];
    const { origin, sources, ignored } = canonicalNames(names, 'x');
    expect(origin).toBe('timm');
    expect([...sources]).toEqual(names.map((name) => [name, [{ name, transposed: false }]]));
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
      const { origin, sources, ignored } = canonicalNames(names, 'x');
      expect(origin).toBe('huggingface');
      expect([...sources.keys()].sort()).toEqual([...canonicalShapes(config).keys()].sort());
      expect([...sources.values()].flatMap((parts) => parts.map(({ name }) => name)).sort()).toEqual(
        [...names].sort(),
      );
      expect(ignored).toEqual([]);
    }
  });

  it('joins query, key and value in this order, whatever their order in the file', () => {
    const names = ['value', 'query', 'key'].map((part) => `encoder.layer.3.attention.attention.${part}.bias`);
    expect(canonicalNames(names, 'x').sources).toEqual(
      new Map([['blocks.3.attn.qkv.bias', [1, 2, 0].map((at) => ({ name: names[at], transposed: false }))]]),
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

  it('refuses two names for one weight, and a value without its query', () => {
    expect(() => canonicalNames(['classifier.bias', 'cls_classifier.bias'], 'f')).toThrow(
      /same weight, head.bias/,
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
