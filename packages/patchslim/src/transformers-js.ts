/**
 * A folder that transformers.js opens as an image classifier, or an encoder as `image-feature-extraction`: the graph under `onnx`,
 * `config.json` with the kind of model and its classes, `preprocessor_config.json` with what becomes of an image.
 */

import { join } from 'node:path';
import type { WeightType } from '@patchslim/backend-onnx';
import { writeWhole } from '@patchslim/tensor/files';
import { PatchslimError } from '@patchslim/tensor';
import {
  givesEmbedding,
  headActivation,
  preprocessorConfig,
  switchesOf,
  type Preprocessing,
  type VitConfig,
  type VitModel,
} from '@patchslim/vit-models';
import type { OnnxOutput } from './export-onnx.js';

/** What its models of images call their input. */
export const transformersInput = 'pixel_values';

/** Its name for each way to store weights, and what it puts behind the name of the graph. */
const dtypes = {
  float32: { dtype: 'fp32', suffix: '' },
  float16: { dtype: 'fp16', suffix: '_fp16' },
  int8: { dtype: 'q8', suffix: '_quantized' },
} as const satisfies Record<WeightType, { dtype: string; suffix: string }>;

/** The class of transformers.js that opens a model. */
interface ModelClass {
  readonly type: string;
  readonly architecture: string;
  /** Name of the graph. */
  readonly file: string;
  /** The outputs that its pipeline reads, under its names. */
  readonly outputs: Partial<Readonly<Record<OnnxOutput, string>>>;
}

const classifier: ModelClass = {
  ...{ type: 'vit', architecture: 'ViTForImageClassification', file: 'model' },
  outputs: { logits: 'logits' },
};
/** Its pipeline gives the tokens, and with `{ pool: true }` the embedding. */
const tokensAndEmbedding = { last_hidden_state: 'last_hidden_state', features: 'pooler_output' };
const encoder: ModelClass = {
  ...{ type: 'vit', architecture: 'ViTModel', file: 'model' },
  outputs: tokensAndEmbedding,
};
const withAttentionPool: ModelClass = {
  ...{ type: 'siglip', architecture: 'SiglipVisionModel', file: 'vision_model' },
  outputs: tokensAndEmbedding,
};
/** Its pipeline gives the embedding where there are no tokens. */
const withProjection: ModelClass = {
  ...{ type: 'clip', architecture: 'CLIPVisionModelWithProjection', file: 'vision_model' },
  outputs: { features: 'image_embeds' },
};

/** The class of transformers.js for a model: its pipelines ask for some outputs by name. */
export function transformersClass(config: VitConfig): ModelClass {
  if (!givesEmbedding(config)) return classifier;
  if (config.projection) return withProjection;
  return switchesOf(config).pool === 'attention' ? withAttentionPool : encoder;
}

/** Where it looks for the graph in a folder. */
export const transformersGraph = (folder: string, config: VitConfig, weights: WeightType): string =>
  join(folder, 'onnx', `${transformersClass(config).file}${dtypes[weights].suffix}.onnx`);

/** @throws INVALID_ARGUMENT for a preprocessing that transformers.js cannot do */
export function checkTransformersPreprocessing({
  preprocessing,
}: {
  readonly preprocessing: Preprocessing;
}): void {
  const { crop, fill } = preprocessing;
  if (!crop || fill.every((value) => value === 0)) return;
  const message =
    `export: the preprocessing puts the colour ${fill.join(' ')} around images (crop_mode border), and transformers.js has black only; ` +
    'use --onnx, and prepare images yourself';
  throw new PatchslimError('INVALID_ARGUMENT', message, { fill });
}

/**
 * Writes what lies beside the graph; gives the paths.
 *
 * @param names of the classes, of a classifier
 * @throws IO_FAILED; INVALID_ARGUMENT as `checkTransformersPreprocessing`
 */
export async function writeTransformersFiles(
  folder: string,
  { config, preprocessing }: Pick<VitModel, 'config' | 'preprocessing'>,
  { weights, names }: { readonly weights: WeightType; readonly names: readonly string[] },
): Promise<string[]> {
  checkTransformersPreprocessing({ preprocessing });
  const { type, architecture } = transformersClass(config);
  const files = {
    'config.json': {
      model_type: type,
      architectures: [architecture],
      image_size: config.imageSize,
      patch_size: config.patchSize,
      num_channels: 3,
      hidden_size: config.width,
      num_hidden_layers: config.depth,
      num_attention_heads: config.heads,
      intermediate_size: config.mlpWidth,
      ...(headActivation(config) === 'sigmoid' && { problem_type: 'multi_label_classification' }),
      ...(config.projection && { projection_dim: config.classes }),
      ...(!givesEmbedding(config) && {
        id2label: Object.fromEntries(names.map((name, index) => [index, name])),
        label2id: Object.fromEntries(names.map((name, index) => [name, index])),
      }),
      // Else it would look for an int8 file in WebAssembly, and for a float32 one elsewhere.
      'transformers.js_config': { dtype: dtypes[weights].dtype },
    },
    'preprocessor_config.json': {
      ...preprocessorConfig(preprocessing),
      resample: preprocessing.interpolation === 'nearest' ? nearest : lanczos,
    },
  };
  const paths: string[] = [];
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await writeWhole('export', path, [`${JSON.stringify(content, null, 2)}\n`]);
    paths.push(path);
  }
  return paths;
}

/**
 * Pillow's numbers, which the file format uses. Checkpoints were trained with bicubic or bilinear, but those of transformers.js do not
 * smooth when they make an image smaller; its Lanczos does, and comes nearer to Pillow's.
 */
const [nearest, lanczos] = [0, 1];
