import { describe, expect, it } from 'vitest';
import {
  encodeWeights,
  huggingFaceWeights,
  smallConfig,
  smallWeights,
  type Weights,
} from '../../test/checkpoint-fixtures.js';
import { deitPreprocessing } from '../preprocessing.js';
import { fromPretrained } from './from-pretrained.js';

const weights = smallWeights();
const renamed = (rename: (name: string) => string, from: Weights = weights): Weights =>
  new Map([...from].map(([name, tensor]) => [rename(name), tensor]));
const load = (named: Weights) => fromPretrained(encodeWeights(named));
// Equal weights have equal fingerprints; comparing them number by number takes a second each.
const { fingerprint } = await load(weights);

describe('the prefix of wrappers', () => {
  it.each([
    ...['module.', 'model.', '_orig_mod.', 'timm_model.', 'backbone.', 'encoder.', 'vit.', 'deit.'],
    ...['module._orig_mod.', 'model.module.', 'anything.else.'],
  ])('%s before all names is stripped', async (prefix) => {
    for (const named of [
      weights,
      huggingFaceWeights(weights, 'legacy', ''),
      huggingFaceWeights(weights, 'v5'),
    ]) {
      expect((await load(renamed((name) => prefix + name, named))).fingerprint).toBe(fingerprint);
    }
  });

  it('the head may be outside of what the wrapper holds', async () => {
    const outside = (inner: string, outer: string) =>
      load(renamed((name) => (name.startsWith('head.') ? outer : inner) + name));
    expect((await outside('backbone.', '')).fingerprint).toBe(fingerprint);
    expect((await outside('module.backbone.', 'module.')).fingerprint).toBe(fingerprint);
  });

  it('two networks in a file, and a part with a name of its own, are refused', async () => {
    const two = new Map([...renamed((name) => `student.${name}`), ...renamed((name) => `teacher.${name}`)]);
    await expect(load(two)).rejects.toThrow(/holds two networks.*'student\.' and with 'teacher\.'/);
    const part = new Map([...renamed((name) => `image.${name}`), ['text.weight', weights.get('norm.bias')!]]);
    await expect(load(part)).rejects.toThrow(/'image\.' before the names is not known/);
  });

  it('a weight with and without the prefix is refused', async () => {
    const twice = new Map([...renamed((name) => `module.${name}`), ['norm.bias', weights.get('norm.bias')!]]);
    await expect(load(twice)).rejects.toThrow(/are the same weight, norm\.bias/);
  });
});

describe("torchvision's names", () => {
  /** Written down from torchvision/models/vision_transformer.py. */
  const torchvision = (mlp: readonly [string, string] = ['mlp.0', 'mlp.3']) =>
    renamed((name) => {
      const block = /^blocks\.(\d+)\.(.+)$/.exec(name);
      if (block) {
        const inner = block[2]!
          .replace('attn.qkv.', 'self_attention.in_proj_')
          .replace('attn.proj', 'self_attention.out_proj')
          .replace('mlp.fc1', mlp[0])
          .replace('mlp.fc2', mlp[1])
          .replace('norm', 'ln_');
        return `encoder.layers.encoder_layer_${block[1]}.${inner}`;
      }
      return name
        .replace('cls_token', 'class_token')
        .replace('pos_embed', 'encoder.pos_embedding')
        .replace('patch_embed.proj', 'conv_proj')
        .replace(/^norm/, 'encoder.ln')
        .replace(/^head/, 'heads.head');
    });

  it.each([
    ['now', torchvision()],
    ['before 0.14', torchvision(['mlp.linear_1', 'mlp.linear_2'])],
    ['behind module.', renamed((name) => `module.${name}`, torchvision())],
    ['with one layer as heads', renamed((name) => name.replace('heads.head', 'heads'), torchvision())],
  ])('%s', async (_, named) => {
    const { config, preprocessing, ...checkpoint } = await load(named);
    expect(checkpoint.fingerprint).toBe(fingerprint);
    expect(config).toEqual(smallConfig);
    expect(preprocessing).toEqual(deitPreprocessing(16));
  });

  it('a message about them says whose they are', async () => {
    await expect(fromPretrained(encodeWeights(torchvision(), 0))).rejects.toThrow(
      /heads of torchvision's weights/,
    );
    const more = new Map([
      ...torchvision(),
      ['encoder.layers.encoder_layer_0.extra', weights.get('norm.bias')!],
    ]);
    await expect(load(more)).rejects.toThrow(/encoder_layer_0\.extra belong to another architecture/);
  });
});
