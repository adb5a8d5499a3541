/** What `config.json` says about the network itself: numbers and switches that no shape tells, and statements that must agree with the weights. */

import {
  hasClassToken,
  isSwitchValue,
  prefixRoles,
  switchesOf,
  type Switches,
  type VitConfig,
} from '../config.js';
import { families } from '../families/list.js';
import { describeJson } from './describe-json.js';
import { quoted, refused } from './containers/checkpoint-error.js';
import { parseJsonObject, visionSection, type JsonFile } from './hub-config.js';

/** What is told; the rest is undefined. */
export interface ToldArchitecture {
  readonly heads: number | undefined;
  readonly width: number | undefined;
  readonly depth: number | undefined;
  readonly mlpWidth: number | undefined;
  readonly imageSize: number | undefined;
  /** Whether the file says the number of heads itself. */
  readonly exact: boolean;
  /** Why `heads` is what it is, where something was concluded. */
  readonly remark: string | undefined;
  /** Switches that no shape tells. */
  readonly switches: Partial<VitConfig>;
  /** Whether the file lists all switches that are not at their default, as `saveCheckpoint` does. */
  readonly isComplete: boolean;
  readonly modelType: string | undefined;
  readonly architecture: string | undefined;
  /** What the file says of the weights, to be held against them. */
  readonly statements: readonly Statement[];
}

/** Something that the file says and the weights show too. */
interface Statement {
  readonly key: string;
  readonly value: unknown;
  readonly holds: (config: VitConfig) => boolean;
}

type Json = Readonly<Record<string, unknown>>;

/** What a value of a key means. */
type Meaning =
  /** It changes nothing in the network, or shapes tell it. */
  | 'nothing'
  /** Another network than those that are computed here. */
  | 'refused'
  /** Switches, and what must hold for the weights. */
  | { readonly switches?: Partial<VitConfig>; readonly holds?: (config: VitConfig) => boolean };
type Reader = (value: unknown) => Meaning;

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

const pools = choice('pool', { token: 'class', avg: 'mean', map: 'attention' });
const registerCount = (_: Switches, config: VitConfig): number =>
  prefixRoles(config).filter((role) => role === 'register').length;

/** Arguments of timm's `VisionTransformer`, `Eva` and `Beit`. */
const timmArguments: Readonly<Record<string, Reader>> = {
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
  ...{ rope_temperature: only(100, 10_000), rope_grid_offset: only(0, 0.5), rope_grid_indexing: only('ij') },
  ...{
    rope_rotate_half: anything,
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
const huggingFaceKeys: Readonly<Record<string, Reader>> = {
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

/** `timm_wrapper` holds one of timm. */
const modelTypes = ['timm_wrapper', ...families.flatMap((family) => family.modelTypes)];

/** Heads of timm's architectures by the word for their size; all others have 64 channels in a head. */
const timmHeads: Readonly<Record<string, number>> = {
  ...{ tiny: 3, small: 6, base: 12, large: 16, huge: 16, giant: 16, gigantic: 16, medium: 8, mediumd: 8 },
  ...{ wee: 4, pwee: 4, dwee: 4, dpwee: 4, little: 5, betwixt: 10, so150m: 14, so150m2: 13, so400m: 16 },
};

/**
 * Reads the keys of timm and of transformers.
 *
 * @param width of the weights, for heads that only the name of an architecture tells
 * @throws `CHECKPOINT_INVALID` for a network that is not computed here, an argument of timm that is not known, and numbers that
 *   contradict each other
 */
export function readToldArchitecture(
  config: JsonFile | undefined,
  width: number | undefined,
): ToldArchitecture {
  const file = config?.name ?? '';
  const { json } = visionSection({ file, json: config ? parseJsonObject(config) : {} });
  const args = record(json['model_args']);
  const type = json['model_type'];
  if (type !== undefined && (typeof type !== 'string' || !modelTypes.includes(type))) {
    throw refused(file, `model_type: expected ${modelTypes.join(', ')}, got ${describeJson(type)}`, {
      key: 'model_type',
    });
  }
  const onTop =
    'global_pool' in args || type !== undefined
      ? huggingFaceKeys
      : { ...huggingFaceKeys, global_pool: pools };
  const read = [
    readKeys(file, '', json, onTop, false),
    readKeys(file, 'model_args.', args, timmArguments, true),
  ];
  const number = (...keys: string[]) => agreed(file, json, args, keys);
  const heads = number('num_attention_heads', 'model_args.num_heads');
  return {
    width: number('hidden_size', 'model_args.embed_dim'),
    depth: number('num_hidden_layers', 'model_args.depth'),
    mlpWidth: number('intermediate_size'),
    imageSize: squareSide(json['image_size']) ?? squareSide(args['img_size']) ?? inputSize(json),
    ...(heads === undefined ? headsByName(json, width) : { heads, remark: undefined }),
    exact: heads !== undefined,
    switches: { ...read[0]!.switches, ...read[1]!.switches, ...ownSwitches(file, json) },
    isComplete: 'patchslim' in json,
    modelType: type,
    architecture: typeof json['architecture'] === 'string' ? json['architecture'] : undefined,
    statements: read.flatMap(({ statements }) => statements),
  };
}

/** Switches as `saveCheckpoint` writes them, by the key `patchslim`. @throws `CHECKPOINT_INVALID` */
function ownSwitches(file: string, json: Json): Partial<VitConfig> {
  const own = record(json['patchslim']);
  for (const [key, value] of Object.entries(own)) {
    if (isSwitchValue(key, value)) continue;
    const problem = `patchslim.${quoted(key)}: ${describeJson(value)} is no value of a switch that is known`;
    throw refused(file, problem, { key: `patchslim.${key}` });
  }
  return own;
}

/**
 * The heads: those that the user gives, else those of `config.json` or of the weight file itself.
 *
 * @throws `CHECKPOINT_INVALID` when these two contradict each other
 */
export function chooseHeads(
  given: number | undefined,
  told: ToldArchitecture,
  { file, heads: own }: { readonly file: string; readonly heads?: number | undefined },
): { readonly heads: number | undefined; readonly remarks: readonly string[] } {
  if (given !== undefined) return { heads: given, remarks: [] };
  if (own !== undefined && told.exact && told.heads !== own) {
    throw refused(
      file,
      `says ${own} attention heads, config.json says ${told.heads}; do they belong together?`,
    );
  }
  if (own !== undefined) return { heads: own, remarks: [] };
  return { heads: told.heads, remarks: told.remark === undefined ? [] : [told.remark] };
}

/** @throws `CHECKPOINT_INVALID` when the weights are of another network than `config.json` says */
export function requireAgreement(file: string, told: ToldArchitecture, found: VitConfig): void {
  for (const key of ['width', 'depth', 'mlpWidth'] as const) {
    if (told[key] === undefined || told[key] === found[key]) continue;
    // Of some gated MLPs the file gives the channels before a rounding.
    if (key === 'mlpWidth' && switchesOf(found).mlp === 'gated') continue;
    const what = { width: 'channels', depth: 'blocks', mlpWidth: 'channels in the MLP' }[key];
    const problem = `config.json says ${told[key]} ${what}, the weights have ${found[key]}; do they belong together?`;
    throw refused(file, problem, { key, expected: told[key], got: found[key] });
  }
  for (const { key, value, holds } of told.statements) {
    if (holds(found)) continue;
    const problem = `config.json says ${key}: ${describeJson(value)}, which the weights contradict; do they belong together?`;
    throw refused(file, problem, { key });
  }
}

/** Heads that follow from the default of a `model_type` or from timm's name of the architecture. */
function headsByName(
  { model_type: type, architecture }: Json,
  width: number | undefined,
): Pick<ToldArchitecture, 'heads' | 'remark'> {
  const family = families.find(({ modelTypes: types }) => typeof type === 'string' && types.includes(type));
  const usual = family?.assumes({ origin: 'huggingface', modelType: type as string }).heads;
  if (usual !== undefined) {
    const remark = `${usual} heads: the default of ${String(type)}, as config.json has no num_attention_heads`;
    return { heads: usual, remark };
  }
  const named = typeof architecture === 'string' ? architecture : '';
  const [, size] = /^(?:vit|deit3?|beit(?:v2)?|eva02)_([a-z0-9]+)(?:_|$)/.exec(named) ?? [];
  if (size === undefined || width === undefined) return { heads: undefined, remark: undefined };
  const known = Object.hasOwn(timmHeads, size) ? timmHeads[size]! : 0;
  if (known > 0 && width % known === 0) return { heads: known, remark: undefined };
  if (width % 64 !== 0) return { heads: undefined, remark: undefined };
  const remark = `${width / 64} heads of 64 channels, as in ${quoted(named)}; if it has others, give their number (heads, --heads)`;
  return { heads: width / 64, remark };
}

function readKeys(
  file: string,
  path: string,
  json: Json,
  table: Readonly<Record<string, Reader>>,
  closed: boolean,
): { readonly switches: Partial<VitConfig>; readonly statements: readonly Statement[] } {
  let switches: Partial<VitConfig> = {};
  const statements: Statement[] = [];
  for (const [key, value] of Object.entries(json)) {
    if (!Object.hasOwn(table, key)) {
      if (!closed) continue;
      const hint = 'it may change the network, so the weights are not used without it';
      throw refused(file, `${path}${quoted(key)} is not known; ${hint}`, { key: `${path}${key}` });
    }
    const meaning = table[key]!(value);
    if (meaning === 'refused') {
      const problem = `${path}${key}: ${describeJson(value)} makes another network than those that are computed here`;
      throw refused(file, problem, { key: `${path}${key}` });
    }
    if (meaning === 'nothing') continue;
    switches = { ...switches, ...meaning.switches };
    if (meaning.holds) statements.push({ key: `${path}${key}`, value, holds: meaning.holds });
  }
  return { switches, statements };
}

/** The number of several keys for the same thing. */
function agreed(file: string, json: Json, args: Json, keys: readonly string[]): number | undefined {
  let found: { key: string; value: number } | undefined;
  for (const key of keys) {
    const value = key.startsWith('model_args.') ? args[key.slice(11)] : json[key];
    if (value === undefined || value === null) continue;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > 100_000) {
      throw refused(file, `${key}: expected an integer from 1 to 100000, got ${describeJson(value)}`, {
        key,
      });
    }
    if (found && found.value !== value) {
      throw refused(file, `${found.key} is ${found.value}, but ${key} is ${value}`, { key });
    }
    found = { key, value };
  }
  return found?.value;
}

/** A number of pixels, alone or twice. */
function squareSide(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  const isSquare =
    Array.isArray(value) && value.length > 0 && value.length <= 2 && value.every((one) => one === value[0]);
  return isSquare && typeof value[0] === 'number' ? value[0] : undefined;
}

/** `[3, S, S]` of timm. */
function inputSize(json: Json): number | undefined {
  const size = record(json['pretrained_cfg'])['input_size'] ?? json['input_size'];
  return Array.isArray(size) && size.length === 3 ? squareSide(size.slice(1)) : undefined;
}

function record(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}
