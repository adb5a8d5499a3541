/** What `config.json` says about the network itself: numbers that no shape tells, and variants that this package does not compute. */

import { describeJson } from './describe-json.js';
import { quoted, refused } from './containers/checkpoint-error.js';
import { parseJsonObject, type JsonFile } from './hub-config.js';

/** What is told; the rest is undefined. */
export interface ToldArchitecture {
  readonly heads: number | undefined;
  readonly width: number | undefined;
  readonly depth: number | undefined;
  readonly mlpWidth: number | undefined;
  /** Whether the file says the number of heads itself. */
  readonly exact: boolean;
  /** Why `heads` is what it is, where something was concluded. */
  readonly remark: string | undefined;
}

type Json = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

const absent: Check = (value) => value === null || value === undefined || value === false;
const off: Check = (value) => absent(value) || value === 0;
const on: Check = (value) => value === true || value === null || value === undefined;
const anything: Check = () => true;
const gelu: Check = (value) =>
  value === null || value === undefined || value === 'gelu' || value === 'gelu_python';
const zero: Check = (value) => off(value) || typeof value === 'number'; // a rate of dropout, which only training uses
const tokenPool: Check = (value) => value === 'token' || value === null || value === undefined;

/** Arguments of timm's VisionTransformer, and the values with which it computes what this package does. */
const timmArguments: Readonly<Record<string, Check>> = {
  ...{ img_size: squareOrNumber, patch_size: squareOrNumber, in_chans: (value) => value === 3 },
  ...{
    num_classes: anything,
    embed_dim: anything,
    depth: anything,
    num_heads: anything,
    mlp_ratio: anything,
  },
  ...{ global_pool: tokenPool, class_token: on, pre_norm: off, final_norm: on, fc_norm: off },
  ...{ no_embed_class: off, reg_tokens: off, pos_embed: (value) => value === 'learn' || value === undefined },
  ...{
    qkv_bias: on,
    proj_bias: on,
    qk_norm: off,
    init_values: absent,
    scale_attn_norm: off,
    scale_mlp_norm: off,
  },
  ...{ act_layer: gelu, norm_layer: absent, embed_norm_layer: absent, mlp_layer: absent, block_fn: absent },
  ...{ attn_layer: absent, embed_layer: absent, patch_norm: off, pool_include_prefix: off, qv_bias: off },
  ...{
    drop_rate: zero,
    pos_drop_rate: zero,
    patch_drop_rate: zero,
    proj_drop_rate: zero,
    attn_drop_rate: zero,
  },
  ...{ drop_path_rate: zero, weight_init: anything, fix_init: anything, dynamic_img_size: anything },
  ...{
    dynamic_img_pad: anything,
    img_fold: anything,
    device: anything,
    dtype: anything,
    strict_img_size: anything,
  },
};

/** Keys of a configuration of transformers that change the network. */
const huggingFaceKeys: Readonly<Record<string, Check>> = {
  image_size: squareOrNumber,
  patch_size: squareOrNumber,
  num_channels: (value) => value === undefined || value === 3,
  qkv_bias: on,
  use_mask_token: anything,
  ...{ hidden_act: gelu, use_swiglu_ffn: off, layerscale_value: absent, num_register_tokens: off },
  ...{ use_qk_norm: off, use_mean_pooling: off, use_cls_token: on },
};

/** Models of transformers with the network of ViT; `timm_wrapper` holds one of timm. */
const modelTypes = ['vit', 'deit', 'vit_msn', 'timm_wrapper'];

/** Heads of timm's architectures by the word for their size; all others have 64 channels in a head. */
const timmHeads: Readonly<Record<string, number>> = {
  ...{ tiny: 3, small: 6, base: 12, large: 16, huge: 16, giant: 16, gigantic: 16, medium: 8, mediumd: 8 },
  ...{ wee: 4, pwee: 4, dwee: 4, dpwee: 4, little: 5, betwixt: 10, so150m: 14, so150m2: 13, so400m: 16 },
};

/**
 * Reads the keys of timm and of transformers.
 *
 * @param width of the weights, for heads that only the name of an architecture tells
 * @throws `CHECKPOINT_INVALID` for a variant that is not computed here, an argument of timm that is not known, and numbers that
 *   contradict each other
 */
export function readToldArchitecture(
  config: JsonFile | undefined,
  width: number | undefined,
): ToldArchitecture {
  if (!config) {
    const nothing = { heads: undefined, width: undefined, depth: undefined, mlpWidth: undefined };
    return { ...nothing, exact: false, remark: undefined };
  }
  const json = parseJsonObject(config);
  const args = record(json['model_args']);
  const type = json['model_type'];
  if (type !== undefined && (typeof type !== 'string' || !modelTypes.includes(type))) {
    throw refused(config.name, `model_type: expected ${modelTypes.join(', ')}, got ${describeJson(type)}`, {
      key: 'model_type',
    });
  }
  checkKeys(config.name, '', json, huggingFaceKeys, false);
  checkKeys(config.name, 'model_args.', args, timmArguments, true);
  if (!('global_pool' in args)) checkKeys(config.name, '', json, { global_pool: tokenPool }, false);
  const number = (...keys: string[]) => agreed(config.name, json, args, keys);
  const told = {
    width: number('hidden_size', 'model_args.embed_dim'),
    depth: number('num_hidden_layers', 'model_args.depth'),
    mlpWidth: number('intermediate_size'),
  };
  const heads = number('num_attention_heads', 'model_args.num_heads');
  if (heads !== undefined) return { ...told, heads, exact: true, remark: undefined };
  return { ...told, exact: false, ...headsByName(json, width) };
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

/** @throws `CHECKPOINT_INVALID` when the weights have other sizes than `config.json` says */
export function requireToldSizes(
  file: string,
  told: ToldArchitecture,
  found: { readonly width: number; readonly depth: number; readonly mlpWidth: number },
): void {
  for (const key of ['width', 'depth', 'mlpWidth'] as const) {
    if (told[key] === undefined || told[key] === found[key]) continue;
    const what = { width: 'channels', depth: 'blocks', mlpWidth: 'channels in the MLP' }[key];
    const problem = `config.json says ${told[key]} ${what}, the weights have ${found[key]}; do they belong together?`;
    throw refused(file, problem, { key, expected: told[key], got: found[key] });
  }
}

/** Heads that follow from `model_type` or from timm's name of the architecture. */
function headsByName(
  { model_type: type, architecture }: Json,
  width: number | undefined,
): Pick<ToldArchitecture, 'heads' | 'remark'> {
  if (type === 'vit' || type === 'deit' || type === 'vit_msn') {
    return {
      heads: 12,
      remark: `12 heads: the default of ${type}, as config.json has no num_attention_heads`,
    };
  }
  const named = typeof architecture === 'string' ? architecture : '';
  const [, size] = /^(?:vit|deit3?)_([a-z0-9]+)(?:_|$)/.exec(named) ?? [];
  if (size === undefined || width === undefined) return { heads: undefined, remark: undefined };
  const usual = Object.hasOwn(timmHeads, size) ? timmHeads[size]! : 0;
  if (usual > 0 && width % usual === 0) return { heads: usual, remark: undefined };
  if (width % 64 !== 0) return { heads: undefined, remark: undefined };
  const remark = `${width / 64} heads of 64 channels, as in ${quoted(named)}; if it has others, give their number (heads, --heads)`;
  return { heads: width / 64, remark };
}

function checkKeys(
  file: string,
  path: string,
  json: Json,
  table: Readonly<Record<string, Check>>,
  closed: boolean,
): void {
  for (const [key, value] of Object.entries(json)) {
    if (!Object.hasOwn(table, key)) {
      if (!closed) continue;
      const hint = 'it may change the network, so the weights are not used without it';
      throw refused(file, `${path}${quoted(key)} is not known; ${hint}`, { key: `${path}${key}` });
    }
    if (table[key]!(value)) continue;
    const problem = `${path}${key}: ${describeJson(value)} makes another network than a plain ViT or DeiT; it is not supported`;
    throw refused(file, problem, { key: `${path}${key}` });
  }
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

function squareOrNumber(value: unknown): boolean {
  if (value === undefined || value === null || typeof value === 'number') return true;
  return (
    Array.isArray(value) && value.length > 0 && value.length <= 2 && value.every((side) => side === value[0])
  );
}

function record(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}
