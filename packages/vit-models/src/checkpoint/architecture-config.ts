/** What `config.json` says about the network itself: numbers and switches that no shape tells, and statements that must agree with the weights. */

import { isSwitchValue, switchesOf, type VitConfig } from '../config.js';
import { families } from '../families/list.js';
import { describeJson } from './describe-json.js';
import { quoted, refused } from './containers/checkpoint-error.js';
import { parseJsonObject, visionSection, type JsonFile } from './hub-config.js';
import { huggingFaceKeys, pools, squareSide, timmArguments, type Reader } from './network-keys.js';

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

/** `[3, S, S]` of timm. */
function inputSize(json: Json): number | undefined {
  const size = record(json['pretrained_cfg'])['input_size'] ?? json['input_size'];
  return Array.isArray(size) && size.length === 3 ? squareSide(size.slice(1)) : undefined;
}

function record(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}
