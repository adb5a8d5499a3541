import { describe, expect, it } from 'vitest';
import type { VitConfig } from '../config.js';
import { chooseHeads, readToldArchitecture, requireAgreement } from './architecture-config.js';

const read = (config: object, width?: number) =>
  readToldArchitecture({ name: 'config.json', text: JSON.stringify(config) }, width);

describe('heads', () => {
  it.each([
    [{ num_attention_heads: 4 }, 4],
    [{ model_args: { num_heads: 4, embed_dim: 64 } }, 4],
    [{ architecture: 'vit_tiny_patch16_224', model_args: { num_heads: 4 } }, 4],
    [{ architecture: 'vit_tiny_patch16_224' }, 3],
    [{ architecture: 'deit_small_patch16_224' }, 6],
    [{ architecture: 'vit_huge_patch14_224' }, 16],
    [{ model_type: 'vit' }, 12],
    [{ architecture: 'resnet50' }, undefined],
    [{}, undefined],
  ])('%j gives %s', (config, heads) => {
    expect(read(config, 192 * 4).heads).toBe(heads);
  });

  it('of 64 channels are a conclusion that is said', () => {
    expect(read({ architecture: 'vit_tiny_patch16_224' }, 128)).toMatchObject({
      heads: 2,
      remark: expect.stringMatching(/2 heads of 64 channels, as in vit_tiny_patch16_224.*--heads/) as string,
    });
    expect(read({ architecture: 'vit_tiny_patch16_224' }, 100).heads).toBeUndefined();
  });

  it('numbers that contradict each other are refused', () => {
    expect(() => read({ num_attention_heads: 4, model_args: { num_heads: 2 } })).toThrow(
      /num_attention_heads is 4, but model_args.num_heads is 2/,
    );
    const own = { file: 'a', heads: 2 };
    expect(() => chooseHeads(undefined, read({ num_attention_heads: 4 }), own)).toThrow(
      /says 2 attention heads/,
    );
    expect(chooseHeads(8, read({ num_attention_heads: 4 }), own).heads).toBe(8);
    expect(chooseHeads(undefined, read({ model_type: 'vit' }), own)).toEqual({ heads: 2, remarks: [] });
  });
});

const small: VitConfig = {
  ...{ name: 'small', imageSize: 16, patchSize: 4, width: 8, depth: 2, heads: 2, mlpWidth: 16 },
  ...{ classes: 5, layerNormEps: 1e-6 },
};

describe('networks that are not computed here are refused by name', () => {
  it.each([
    [{ model_args: { global_pool: 'max' } }, /model_args.global_pool: "max"/],
    [{ model_args: { act_layer: 'relu' } }, /model_args.act_layer: "relu"/],
    [{ model_args: { qk_norm: true } }, /model_args.qk_norm/],
    [{ model_args: { final_norm: false } }, /model_args.final_norm/],
    [{ model_args: { use_post_norm: true } }, /model_args.use_post_norm/],
    [{ model_args: { ref_feat_shape: [24, 24] } }, /model_args.ref_feat_shape/],
    [{ model_args: { img_size: [224, 448] } }, /model_args.img_size: \[224,448\]/],
    [{ model_args: { patch_size: [16, 8] } }, /model_args.patch_size/],
    [{ model_args: { a_new_thing: 1 } }, /model_args.a_new_thing is not known/],
    [{ image_size: [32, 128] }, /image_size: \[32,128\]/],
    [{ model_type: 'swin' }, /model_type: expected timm_wrapper, deit, .*, got "swin"/],
    [{ hidden_act: 'relu' }, /hidden_act: "relu"/],
    [{ hidden_act: [[1]] }, /hidden_act: a list/],
    [{ num_hidden_layers: '12' }, /num_hidden_layers: expected an integer/],
    [{ patchslim: { rope: 'spiral' } }, /patchslim.rope: "spiral"/],
    [{ patchslim: { colour: true } }, /patchslim.colour/],
  ])('%j', (config, message) => {
    expect(() => read(config)).toThrow(message);
  });

  it('what changes nothing is read', () => {
    const args = { img_size: 224, patch_size: [16, 16], drop_path_rate: 0.1, global_pool: 'token', fc_norm: false, qkv_bias: true }; // prettier-ignore
    const told = read({ global_pool: 'avg', model_args: args, image_size: [224, 224] });
    expect(told).toMatchObject({ heads: undefined, imageSize: 224, switches: { pool: 'class' } });
  });
});

describe('statements that the weights contradict are refused', () => {
  const classOnly = { ...small, prefix: ['class', 'register'] } as const;
  it.each<[object, VitConfig, boolean]>([
    [{ class_token: false }, small, false],
    [{ class_token: false }, { ...small, prefix: [] }, true],
    [{ pre_norm: true }, small, false],
    [{ pre_norm: true }, { ...small, preNorm: true }, true],
    [{ init_values: 1e-5 }, small, false],
    [{ init_values: null }, small, true],
    [{ init_values: 1e-5 }, { ...small, layerScale: true }, true],
    [{ no_embed_class: true }, small, false],
    [{ no_embed_class: true }, { ...small, positions: 'patches' }, true],
    [{ reg_tokens: 4 }, classOnly, false],
    [{ reg_tokens: 1 }, classOnly, true],
    [{ qkv_bias: true }, { ...small, qkvBias: 'none' }, false],
    [{ qkv_bias: true }, small, true],
    [{ swiglu_mlp: true }, { ...small, mlp: 'gated' }, true],
    [{ rope_temperature: 100 }, { ...small, rope: 'half' }, true],
    [{ rope_temperature: 100 }, { ...small, rope: 'interleaved' }, false],
    [{ rope_temperature: 10_000 }, { ...small, rope: 'half' }, false],
    [{ rope_temperature: 10_000 }, small, true],
    [{ rope_rotate_half: true }, { ...small, rope: 'interleaved' }, false],
  ])('%j', (model_args, config, agrees) => {
    const told = read({ model_args });
    const check = () => requireAgreement('f', told, config);
    if (agrees) expect(check).not.toThrow();
    else expect(check).toThrow(/config.json says model_args.*the weights contradict/);
  });
});
