/** What `config.json` and `preprocessor_config.json` of a Hugging Face or timm repository say about a checkpoint. */

import type { Preprocessing } from '../preprocessing.js';
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

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads both files; either may be absent.
 *
 * @throws `CHECKPOINT_INVALID` for text that is not a JSON object, or an activation other than the exact GELU
 */
export function readHubConfig(config: JsonFile | undefined, preprocessor: JsonFile | undefined): HubConfig {
  const model = parse(config);
  const { hidden_act: activation = 'gelu' } = model;
  if (activation !== 'gelu') {
    throw invalid(config!.name, `hidden_act: expected gelu, got ${JSON.stringify(activation)}`, {
      activation,
    });
  }
  return {
    layerNormEps: positive(model['layer_norm_eps']),
    heads: positive(model['num_attention_heads']),
    labels: readLabels(model['id2label']),
    preprocessing:
      huggingFacePreprocessing(parse(preprocessor)) ?? timmPreprocessing(record(model['pretrained_cfg'])),
    architecture: typeof model['architecture'] === 'string' ? model['architecture'] : undefined,
  };
}

function parse(file: JsonFile | undefined): Json {
  if (!file) return {};
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
function huggingFacePreprocessing(json: Json): Preprocessing | undefined {
  const resize = side(json['size']);
  const mean = triple(json['image_mean']);
  const std = triple(json['image_std']);
  if (resize === undefined || !mean || !std) return undefined;
  const crop = json['do_center_crop'] === true ? (side(json['crop_size']) ?? resize) : resize;
  return { resize: Math.max(resize, crop), crop, interpolation: 'bicubic', mean, std };
}

function timmPreprocessing(json: Json): Preprocessing | undefined {
  const { input_size: inputSize, crop_pct: cropFraction } = json;
  const crop = Array.isArray(inputSize) ? positive(inputSize[2]) : undefined;
  const fraction = positive(cropFraction);
  const mean = triple(json['mean']);
  const std = triple(json['std']);
  if (crop === undefined || fraction === undefined || !mean || !std) return undefined;
  return { resize: Math.floor(crop / fraction), crop, interpolation: 'bicubic', mean, std };
}

function side(value: unknown): number | undefined {
  const { shortest_edge: shortest, height } = record(value);
  return positive(value) ?? positive(shortest) ?? positive(height);
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined;
}

function triple(value: unknown): [number, number, number] | undefined {
  const numbers =
    Array.isArray(value) && value.length === 3 && value.every((item) => typeof item === 'number');
  return numbers ? (value as [number, number, number]) : undefined;
}

function record(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}
