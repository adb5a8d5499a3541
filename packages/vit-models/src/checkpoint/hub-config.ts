/** What `config.json` and `preprocessor_config.json` of a Hugging Face or timm repository say about a checkpoint. */

import type { Preprocessing } from '../preprocessing.js';
import { choiceAt, countAt, positiveAt, textAt, type Json, type Section } from './hub/fields.js';
import { checkKeys, configKeys, timmKeys } from './hub/keys.js';
import { readLabels } from './hub/labels.js';
import { readPreprocessing } from './hub/read-preprocessing.js';
import { timmSection } from './hub/timm.js';
import { invalid } from './safetensors-header.js';

/** A JSON file that lies beside the weights. */
export interface JsonFile {
  readonly name: string;
  readonly text: string;
}

const problemTypes = ['single_label_classification', 'multi_label_classification', 'regression'] as const;

/** Kinds of classifiers in transformers: softmax, a sigmoid for each class, plain numbers. */
export type ProblemType = (typeof problemTypes)[number];

/** What is told; the rest is undefined. */
export interface HubConfig {
  readonly layerNormEps: number | undefined;
  readonly heads: number | undefined;
  /** Names of the classes, by index. */
  readonly labels: readonly string[] | undefined;
  readonly preprocessing: Preprocessing | undefined;
  /** timm's name of the architecture. */
  readonly architecture: string | undefined;
  /** timm's name of the weights. */
  readonly tag: string | undefined;
  /** `model_type` of transformers. */
  readonly modelType: string | undefined;
  /** `num_classes` of timm. */
  readonly classes: number | undefined;
  /** `problem_type` of transformers: what the logits mean. */
  readonly problemType: ProblemType | undefined;
  /** What is not used of the files, and which defaults are: sentences for the user. */
  readonly remarks: readonly string[];
}

/**
 * Reads both files; either may be absent. No key is dropped without a word: those that are not read are in `remarks`, unless they say
 * nothing about classes and pixels (`configKeys`, `timmKeys` and `preprocessorKeys` say which).
 *
 * @throws `CHECKPOINT_INVALID` naming the key: for text that is not a JSON object, values
 *   that cannot be read, or a step of preprocessing that is not supported
 */
export function readHubConfig(config: JsonFile | undefined, preprocessor: JsonFile | undefined): HubConfig {
  const model = visionSection(sectionOf(config));
  const timm = timmSection(model);
  const isFlat = timm === model;
  const sections = timm && !isFlat ? [model, timm] : [model];
  const keys = isFlat
    ? checkKeys(model, configKeys, timmKeys)
    : [...checkKeys(model, configKeys), ...(timm ? checkKeys(timm, timmKeys) : [])];
  const read = readPreprocessing({ model, timm, preprocessor: sectionOf(preprocessor) });
  return {
    layerNormEps: positiveAt(model, 'layer_norm_eps'),
    heads: countAt(model, 'num_attention_heads'),
    labels: readLabels(...sections)?.names,
    preprocessing: read?.preprocessing,
    architecture: textAt(model, 'architecture'),
    tag: timm && textAt(timm, 'tag'),
    modelType: textAt(model, 'model_type'),
    classes: sections.map(classCount).find((count) => count !== undefined),
    problemType: choiceAt(model, 'problem_type', problemTypes),
    remarks: [...keys, ...(read?.remarks ?? [])],
  };
}

/** timm says 0 of a network without a head. @throws `CHECKPOINT_INVALID` */
const classCount = (section: Section): number | undefined =>
  section.json['num_classes'] === 0 ? undefined : countAt(section, 'num_classes');

const sectionOf = (file: JsonFile | undefined): Section => ({
  file: file?.name ?? '',
  json: file ? parseJsonObject(file) : {},
});

/** Of a model of images and text the part about images, with what stands on top. */
export function visionSection({ file, json }: Section): Section {
  const vision = json['vision_config'];
  if (typeof vision !== 'object' || vision === null || Array.isArray(vision)) return { file, json };
  const { vision_config, text_config, ...top } = json;
  void [vision_config, text_config];
  const model = top['model_type'] === undefined ? {} : { model_type: top['model_type'] };
  return { file, json: { ...top, ...vision, ...model } };
}

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
