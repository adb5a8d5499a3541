import { describe, expect, it } from 'vitest';
import { chooseHeads, readToldArchitecture } from './architecture-config.js';

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

describe('variants that are not computed here are refused by name', () => {
  it.each([
    [{ global_pool: 'avg' }, /global_pool: "avg"/],
    [{ model_args: { global_pool: 'map' } }, /model_args.global_pool: "map"/],
    [{ model_args: { fc_norm: true } }, /model_args.fc_norm: true/],
    [{ model_args: { act_layer: 'quick_gelu' } }, /model_args.act_layer: "quick_gelu"/],
    [{ model_args: { qk_norm: true } }, /model_args.qk_norm/],
    [{ model_args: { init_values: 1e-5 } }, /model_args.init_values/],
    [{ model_args: { class_token: false } }, /model_args.class_token/],
    [{ model_args: { no_embed_class: true } }, /model_args.no_embed_class/],
    [{ model_args: { reg_tokens: 4 } }, /model_args.reg_tokens: 4/],
    [{ model_args: { pre_norm: true } }, /model_args.pre_norm/],
    [{ model_args: { img_size: [224, 448] } }, /model_args.img_size: \[224,448\]/],
    [{ model_args: { patch_size: [16, 8] } }, /model_args.patch_size/],
    [{ model_args: { a_new_thing: 1 } }, /model_args.a_new_thing is not known/],
    [{ image_size: [32, 128] }, /image_size: \[32,128\]/],
    [{ model_type: 'swin' }, /model_type: expected vit, deit/],
    [{ hidden_act: 'relu' }, /hidden_act: "relu"/],
    [{ qkv_bias: false }, /qkv_bias: false/],
    [{ num_hidden_layers: '12' }, /num_hidden_layers: expected an integer/],
  ])('%j', (config, message) => {
    expect(() => read(config)).toThrow(message);
  });

  it('what changes nothing is read', () => {
    const args = { img_size: 224, patch_size: [16, 16], drop_path_rate: 0.1, global_pool: 'token', fc_norm: false, qkv_bias: true }; // prettier-ignore
    expect(read({ global_pool: 'avg', model_args: args, image_size: [224, 224] }).heads).toBeUndefined();
  });
});
