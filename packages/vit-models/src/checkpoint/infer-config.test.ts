import { isPatchslimError, type Shape } from '@patchslim/tensor';
import { describe, expect, it } from 'vitest';
import { changedSwitches, withClasses, withImageSize, type VitConfig } from '../config.js';
import { vitConfig, vitPresets } from '../presets.js';
import { canonicalShapes } from '../spec.js';
import { inferConfig, type InferConfigOptions } from './infer-config.js';

const options: InferConfigOptions = { file: 'x.safetensors', layerNormEps: 1e-6 };

function shapesOf(config: VitConfig): Map<string, { shape: Shape }> {
  return new Map([...canonicalShapes(config)].map(([name, shape]) => [name, { shape }]));
}

function errorOf(use: () => unknown): unknown {
  try {
    use();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('inferConfig', () => {
  it.each(vitPresets)('finds $name', ({ name, config }) => {
    const { layerNormEps, heads, imageSize } = config;
    const told = { ...options, layerNormEps, heads, imageSize, switches: changedSwitches(config) };
    const found = inferConfig(shapesOf(config), { ...told, hint: `${name}.safetensors` });
    const twin = ['siglip2-base-16', 'clip-base-16'].includes(name) ? found.name : name;
    expect(found).toEqual({ ...config, name: twin });
    expect(inferConfig(shapesOf(config), { ...told, model: name })).toEqual(config);
  });

  it('prefers deit where the shapes are the same and no name tells', () => {
    expect(inferConfig(shapesOf(vitConfig('vit-tiny')), options).name).toBe('deit-tiny');
    const hint = 'vit_tiny_patch16_224.augreg';
    expect(inferConfig(shapesOf(vitConfig('vit-tiny')), { ...options, hint }).name).toBe('vit-tiny');
  });

  it('takes classes, image size and patch size from the file', () => {
    const config = withClasses(withImageSize({ ...vitConfig('deit-small'), patchSize: 8 }, 96), 10);
    for (const model of [undefined, 'deit-small']) {
      expect(inferConfig(shapesOf(config), { ...options, model })).toEqual(config);
    }
  });

  it('finds architectures that have no preset', () => {
    const config = {
      ...vitConfig('deit-tiny'),
      name: 'custom',
      depth: 3,
      heads: 2,
      width: 128,
      mlpWidth: 100,
    };
    expect(inferConfig(shapesOf(config), { ...options, heads: 2 })).toEqual(config);
    expect(inferConfig(shapesOf(config), { ...options, heads: 4 })).toEqual({ ...config, heads: 4 });
  });

  it('wants the heads told when the sizes are those of no preset', () => {
    const config = { ...vitConfig('deit-tiny'), name: 'custom', width: 96, heads: 2 };
    expect(() => inferConfig(shapesOf(config), options)).toThrow(
      /cannot tell the attention heads from 96 channels; give their number/,
    );
    expect(() => inferConfig(shapesOf({ ...config, width: 128 }), options)).toThrow(/from 128 channels/);
    expect(() => inferConfig(shapesOf({ ...config, layerScale: true }), options)).toThrow(
      /it differs from ViT by blocks.0.ls1.gamma, blocks.0.ls2.gamma/,
    );
    expect(() => inferConfig(shapesOf(config), { ...options, heads: 5 })).toThrow(
      /96 channels cannot be shared out/,
    );
    expect(inferConfig(shapesOf(config), { ...options, heads: 2 })).toEqual(config);
  });

  it('says which shapes differ from the model asked for, and what fits', () => {
    const error = errorOf(() =>
      inferConfig(shapesOf(vitConfig('deit-tiny')), { ...options, model: 'deit-small' }),
    );
    expect(isPatchslimError(error, 'CHECKPOINT_INVALID')).toBe(true);
    expect(String(error)).toMatch(/patch_embed.proj.weight: expected \[384,3,16,16\], got \[192,3,16,16\]/);
    expect(String(error)).toMatch(/and 148 more.*fits deit-tiny, vit-tiny/);
  });

  it.each([
    ['deit-tiny', 'deit-tiny-distilled'],
    ['deit-tiny-distilled', 'deit-tiny'],
  ])('refuses %s weights as %s', (file, model) => {
    const error = errorOf(() => inferConfig(shapesOf(vitConfig(file)), { ...options, model }));
    expect(isPatchslimError(error, 'CHECKPOINT_INVALID')).toBe(true);
    expect(String(error)).toContain(`fits ${file}`);
  });

  it('lists missing weights with near names', () => {
    const tensors = shapesOf(vitConfig('deit-tiny'));
    tensors.delete('norm.bias');
    tensors.delete('blocks.7.mlp.fc2.bias');
    const error = errorOf(() => inferConfig(tensors, { ...options, ignored: ['norm.biases'] }));
    expect(isPatchslimError(error, 'WEIGHTS_MISSING') && error.details).toMatchObject({
      missing: ['blocks.7.mlp.fc2.bias', 'norm.bias'],
      near: ['norm.biases'],
    });
  });

  it('finds a whole block missing when the model is named', () => {
    const tensors = shapesOf({ ...vitConfig('deit-tiny'), depth: 11 });
    const error = errorOf(() => inferConfig(tensors, { ...options, model: 'deit-tiny' }));
    expect(isPatchslimError(error, 'WEIGHTS_MISSING') && String(error)).toMatch(/blocks.11.norm1.weight/);
  });

  it.each([
    ['far beyond the others', ['blocks.4000000000.norm1.bias'], /lacks blocks.12.norm1.weight/],
    ['one too far', ['blocks.13.norm1.bias'], /lacks blocks.12.norm1.weight/],
    ['no number that can be held', [`blocks.${'9'.repeat(400)}.norm1.bias`], /lacks blocks.12.norm1.weight/],
    ['more than fit on the stack', Array.from({ length: 200_000 }, (_, i) => `blocks.${i + 13}.norm1.bias`), /lacks blocks.12/], // prettier-ignore
  ])('refuses a block %s', (_, names, message) => {
    const tensors = shapesOf(vitConfig('deit-tiny'));
    for (const name of names) tensors.set(name, { shape: [192] });
    const error = errorOf(() => inferConfig(tensors, options));
    expect(isPatchslimError(error, 'WEIGHTS_MISSING')).toBe(true);
    expect(String(error)).toMatch(message);
  });

  it('refuses files of something else', () => {
    expect(() => inferConfig(new Map([['conv1.weight', { shape: [64, 3, 7, 7] }]]), options)).toThrow(
      /lacks patch_embed.proj.weight, blocks.0.mlp.fc1.weight, blocks.0.mlp.fc2.weight/,
    );
    const odd = shapesOf(vitConfig('deit-tiny')).set('pos_embed', { shape: [1, 195, 192] });
    expect(() => inferConfig(odd, options)).toThrow(/pos_embed: expected 1 \+ n² tokens, got 195/);
    const flat = shapesOf(vitConfig('deit-tiny')).set('pos_embed', { shape: [197, 192] });
    expect(() => inferConfig(flat, options)).toThrow(/expected \[1,tokens,width\], got \[197,192\]/);
    expect(() => inferConfig(shapesOf(vitConfig('deit-tiny')), { ...options, model: 'deit' })).toThrow(
      /unknown model/,
    );
  });
});
