/** The keys of configurations that concern the network, and what their values mean. */

import { hasClassToken, prefixRoles, switchesOf, type Switches, type VitConfig } from '../config.js';

/** What a value of a key means. */
export type Meaning =
  /** It changes nothing in the network, or shapes tell it. */
  | 'nothing'
  /** Another network than those that are computed here. */
  | 'refused'
  /** Switches, and what must hold for the weights. */
  | { readonly switches?: Partial<VitConfig>; readonly holds?: (config: VitConfig) => boolean };
/** Reads the value of a key. */
export type Reader = (value: unknown) => Meaning;

const isAbsent = (value: unknown): boolean => value === null || value === undefined;
const anything: Reader = () => 'nothing';
const only =
  (...accepted: readonly unknown[]): Reader =>
  (value) =>
    isAbsent(value) || accepted.includes(value) ? 'nothing' : 'refused';
const off = only(false, 0);
const on = only(true);
const rate: Reader = (value) => (isAbsent(value) || typeof value === 'number' ? 'nothing' : 'refused'); // of dropout, in training
const side: Reader = (value) => (squareSide(value) === undefined && !isAbsent(value) ? 'refused' : 'nothing');
const choice =
  <S extends keyof Switches>(name: S, values: Readonly<Record<string, Switches[S]>>): Reader =>
  (value) => {
    if (isAbsent(value)) return 'nothing';
    const found = typeof value === 'string' && Object.hasOwn(values, value) ? values[value] : undefined;
    return found === undefined ? 'refused' : { switches: { [name]: found } };
  };
/** A flag that says what the weights show. */
const states =
  (shown: (switches: Switches, config: VitConfig) => unknown): Reader =>
  (value) =>
    isAbsent(value) ? 'nothing' : { holds: (config) => shown(switchesOf(config), config) === value };
/** A number or flag of the rotary embedding that must be the one of its kind. */
const ofRope =
  (values: Readonly<Record<'half' | 'interleaved', unknown>>): Reader =>
  (value) =>
    isAbsent(value)
      ? 'nothing'
      : {
          holds: (config) => {
            const { rope } = switchesOf(config);
            return rope === 'none' || values[rope] === value;
          },
        };
/** One that says so by being there. */
const statesPresence =
  (shown: (switches: Switches) => boolean): Reader =>
  (value) => ({
    holds: (config) => shown(switchesOf(config)) === !(isAbsent(value) || value === false || value === 0),
  });

const activations: Readonly<Record<string, Switches['activation']>> = {
  ...{
    gelu: 'gelu',
    gelu_python: 'gelu',
    gelu_erf: 'gelu',
    quick_gelu: 'quick-gelu',
    silu: 'silu',
    swish: 'silu',
  },
  ...{
    gelu_tanh: 'gelu-tanh',
    gelu_pytorch_tanh: 'gelu-tanh',
    gelu_new: 'gelu-tanh',
    gelu_fast: 'gelu-tanh',
  },
};

/** Whether query, key and value have biases. */
const qkvBias: Reader = (value) =>
  value === false
    ? { switches: { qkvBias: 'none' } }
    : states((switches) => switches.qkvBias !== 'none')(value);

/** The pool in timm's words. */
export const pools = choice('pool', { token: 'class', avg: 'mean', map: 'attention' });
const registerCount = (_: Switches, config: VitConfig): number =>
  prefixRoles(config).filter((role) => role === 'register').length;

/** Arguments of timm's `VisionTransformer`, `Eva` and `Beit`. */
export const timmArguments: Readonly<Record<string, Reader>> = {
  ...{ img_size: side, patch_size: side, in_chans: only(3), num_classes: anything, embed_dim: anything },
  ...{ depth: anything, num_heads: anything, mlp_ratio: anything, global_pool: pools },
  class_token: states((_, config) => hasClassToken(config)),
  pre_norm: states(({ preNorm }) => preNorm),
  use_pre_transformer_norm: states(({ preNorm }) => preNorm),
  ...{ final_norm: on, fc_norm: anything, use_fc_norm: anything, use_post_transformer_norm: anything },
  no_embed_class: (value) =>
    value === true ? { holds: (config) => switchesOf(config).positions !== 'all' } : 'nothing',
  reg_tokens: states(registerCount),
  num_reg_tokens: states(registerCount),
  pos_embed: only('learn', 'none', ''),
  qkv_bias: qkvBias,
  init_values: statesPresence(({ layerScale }) => layerScale),
  scale_attn_norm: states(({ attentionNorm }) => attentionNorm),
  scale_attn_inner: states(({ attentionNorm }) => attentionNorm),
  scale_mlp_norm: states(({ mlpNorm }) => mlpNorm),
  scale_mlp: states(({ mlpNorm }) => mlpNorm),
  swiglu_mlp: states(({ mlp }) => mlp === 'gated'),
  ...{
    proj_bias: on,
    qk_norm: off,
    act_layer: choice('activation', activations),
    norm_layer: only('layernorm'),
  },
  ...{ qkv_fused: anything, attn_type: only('eva'), use_post_norm: off, attn_only_layer_scale: off },
  ...{ use_abs_pos_emb: anything, use_rel_pos_bias: anything, use_shared_rel_pos_bias: anything },
  use_rot_pos_emb: (value) => (value === false ? { switches: { rope: 'none' } } : 'nothing'),
  rope_type: choice('rope', { cat: 'interleaved', dinov3: 'half' }),
  rope_temperature: ofRope({ half: 100, interleaved: 10_000 }),
  rope_grid_offset: ofRope({ half: 0, interleaved: 0 }),
  rope_rotate_half: ofRope({ half: true, interleaved: false }),
  rope_grid_indexing: only('ij'),
  ...{
    ref_feat_shape: (value) => (isAbsent(value) || squareSide(value) === 16 ? 'nothing' : 'refused'),
  },
  ...{ rope_shift_coords: anything, rope_jitter_coords: anything, rope_rescale_coords: anything },
  ...{
    embed_norm_layer: off,
    mlp_layer: off,
    block_fn: off,
    attn_layer: off,
    embed_layer: off,
    num_kv_heads: off,
  },
  ...{
    patch_norm: off,
    pool_include_prefix: off,
    qv_bias: off,
    swiglu_align_to: anything,
    head_init_scale: anything,
  },
  ...{
    drop_rate: rate,
    pos_drop_rate: rate,
    patch_drop_rate: rate,
    proj_drop_rate: rate,
    attn_drop_rate: rate,
  },
  ...{ drop_path_rate: rate, weight_init: anything, fix_init: anything, dynamic_img_size: anything },
  ...{
    dynamic_img_pad: anything,
    img_fold: anything,
    device: anything,
    dtype: anything,
    strict_img_size: anything,
  },
};

/** Keys of a configuration of transformers that concern the network. */
export const huggingFaceKeys: Readonly<Record<string, Reader>> = {
  ...{ image_size: side, patch_size: side, num_channels: only(3), use_mask_token: anything },
  qkv_bias: qkvBias,
  hidden_act: (value) => {
    const read = choice('activation', activations)(value);
    // Of a gated MLP `use_swiglu_ffn` decides.
    return typeof read === 'object' && read.switches?.activation === 'silu' ? 'nothing' : read;
  },
  // DINOv2's gate is SiLU whatever `hidden_act` says.
  use_swiglu_ffn: (value) => ({
    ...(value === true && { switches: { activation: 'silu' } }),
    holds: (config) => (switchesOf(config).mlp === 'gated') === (value === true),
  }),
  use_gated_mlp: states(({ mlp }) => mlp === 'gated'),
  num_register_tokens: states(registerCount),
  ...{
    use_qk_norm: off,
    use_cls_token: on,
    use_shared_relative_position_bias: anything,
    rope_theta: only(100),
  },
  use_relative_position_bias: (value) =>
    value === true ? { holds: (config) => switchesOf(config).relativePositions } : 'nothing',
  use_absolute_position_embeddings: states(({ positions }) => positions !== 'none'),
  use_mean_pooling: (value) =>
    value === true
      ? { switches: { pool: 'mean' } }
      : value === false
        ? { switches: { pool: 'class' } }
        : 'nothing',
};

/** A number of pixels, alone or twice. */
export function squareSide(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  const isSquare =
    Array.isArray(value) && value.length > 0 && value.length <= 2 && value.every((one) => one === value[0]);
  return isSquare && typeof value[0] === 'number' ? value[0] : undefined;
}
