/** What `config.json` and `preprocessor_config.json` of a Hugging Face or timm repository say about a checkpoint. */

import type { Preprocessing } from '../preprocessing.js';
import { describeJson } from './describe-json.js';
import { invalid } from './safetensors-header.js';

/** A JSON file that lies beside the weights. */
export interface JsonFile {
  readonly name: string;
  readonly text: string;
}

/** What is told; the rest is undefined. */
export interface HubConfig {
  readonly layerNormEps: number | undefined;
  readonly heads: number | undefined;
  /** Names of the classes, by index. */
  readonly labels: readonly string[] | undefined;
  readonly preprocessing: Preprocessing | undefined;
  /** timm's name of the architecture. */
  readonly architecture: string | undefined;
}

/** Of an image side in pixels: far above any real one, and small enough to compute with. */
const largestSize = 100_000;

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads both files; either may be absent.
 *
 * @throws `CHECKPOINT_INVALID` for text that is not a JSON object, an activation other than the exact GELU, or numbers
 *   with which nothing can be computed: heads or sizes that are no sizes, a mean or deviation that is not finite or is 0
 */
export function readHubConfig(config: JsonFile | undefined, preprocessor: JsonFile | undefined): HubConfig {
  const model = parse(config);
  const { hidden_act: activation = 'gelu', architecture } = model;
  const told = config?.name ?? '';
  if (activation !== 'gelu') {
    throw invalid(told, `hidden_act: expected gelu, got ${describeJson(activation)}`, { activation });
  }
  return {
    layerNormEps: positive(model, 'layer_norm_eps', told),
    heads: size(model, 'num_attention_heads', told),
    labels: readLabels(model['id2label']),
    preprocessing:
      huggingFacePreprocessing(parse(preprocessor), preprocessor?.name ?? '') ??
      timmPreprocessing(record(model['pretrained_cfg']), told),
    architecture: typeof architecture === 'string' ? architecture : undefined,
  };
}

const parse = (file: JsonFile | undefined): Json => (file ? parseJsonObject(file) : {});

/** @throws `CHECKPOINT_INVALID` */
export function parseJsonObject(file: JsonFile): Json {
  let json: unknown;
  try {
    json = JSON.parse(file.text);
  } catch (error) {
    throw invalid(file.name, 'not JSON', {}, error);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw invalid(file.name, 'not a JSON object');
  return json as Json;
}

/** `{ "0": "tench", … }` as a list, unless indices are missing or the names are the placeholders LABEL_0, … */
function readLabels(value: unknown): string[] | undefined {
  const labels = Object.entries(record(value));
  const ordered = labels.map((_, index) => record(value)[index]);
  const named = ordered.every((label) => typeof label === 'string' && !/^LABEL_\d+$/.test(label));
  return labels.length > 0 && named ? (ordered as string[]) : undefined;
}

/** `size` and `crop_size` are a number, `{ shortest_edge }` or `{ height, width }`, by version. */
function huggingFacePreprocessing(json: Json, file: string): Preprocessing | undefined {
  const resize = side(json, 'size', file);
  const mean = triple(json, 'image_mean', file);
  const std = deviations(json, 'image_std', file);
  if (resize === undefined || !mean || !std) return undefined;
  const crop = json['do_center_crop'] === true ? (side(json, 'crop_size', file) ?? resize) : resize;
  return { resize: Math.max(resize, crop), crop, interpolation: 'bicubic', mean, std };
}

function timmPreprocessing(json: Json, file: string): Preprocessing | undefined {
  const { input_size: inputSize } = json;
  const crop = Array.isArray(inputSize) ? size({ input_size: inputSize[2] }, 'input_size', file) : undefined;
  const fraction = positive(json, 'crop_pct', file);
  const mean = triple(json, 'mean', file);
  const std = deviations(json, 'std', file);
  if (crop === undefined || fraction === undefined || !mean || !std) return undefined;
  const resize = Math.floor(crop / fraction);
  if (resize >= crop && resize <= largestSize) return { resize, crop, interpolation: 'bicubic', mean, std };
  throw invalid(file, `crop_pct: expected a share of the image up to 1, got ${fraction}`, {
    key: 'crop_pct',
  });
}

function side(json: Json, key: string, file: string): number | undefined {
  const value = json[key];
  const { shortest_edge: shortest, height } = record(value);
  return size({ [key]: typeof value === 'number' ? value : (shortest ?? height) }, key, file);
}

/** A number of pixels or of heads. */
function size(json: Json, key: string, file: string): number | undefined {
  const value = json[key];
  if (typeof value !== 'number') return undefined;
  if (Number.isInteger(value) && value > 0 && value <= largestSize) return value;
  throw invalid(file, `${key}: expected an integer from 1 to ${largestSize}, got ${value}`, { key });
}

function positive(json: Json, key: string, file: string): number | undefined {
  const value = json[key];
  if (typeof value !== 'number') return undefined;
  if (Number.isFinite(value) && value > 0) return value;
  throw invalid(file, `${key}: expected a number above 0, got ${value}`, { key });
}

function triple(json: Json, key: string, file: string): [number, number, number] | undefined {
  const value = json[key];
  if (!Array.isArray(value) || value.length !== 3 || !value.every((item) => typeof item === 'number')) {
    return undefined;
  }
  if (value.every(Number.isFinite)) return value as [number, number, number];
  throw invalid(file, `${key}: expected three finite numbers, got ${describeJson(value)}`, { key });
}

function deviations(json: Json, key: string, file: string): [number, number, number] | undefined {
  const value = triple(json, key, file);
  if (value?.every((channel) => channel > 0) ?? true) return value;
  throw invalid(file, `${key}: expected three numbers above 0, got ${describeJson(value)}`, { key });
}

function record(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}
