/**
 * A folder that transformers.js opens as an image classifier: the graph under `onnx`, `config.json` with the kind of model and its
 * classes, `preprocessor_config.json` with what becomes of an image.
 */

import { join } from 'node:path';
import type { WeightType } from '@patchslim/backend-onnx';
import { writeWhole } from '@patchslim/tensor/files';
import { PatchslimError } from '@patchslim/tensor';
import { headActivation, preprocessorConfig, type Preprocessing, type VitModel } from '@patchslim/vit-models';

/** What its image classifiers call their input. */
export const transformersInput = 'pixel_values';

/** Its name for each way to store weights, and the file that it looks for under that name. */
const dtypes = {
  float32: { dtype: 'fp32', file: 'model.onnx' },
  float16: { dtype: 'fp16', file: 'model_fp16.onnx' },
  int8: { dtype: 'q8', file: 'model_quantized.onnx' },
} as const satisfies Record<WeightType, { dtype: string; file: string }>;

/** Where it looks for the graph in a folder. */
export const transformersGraph = (folder: string, weights: WeightType): string =>
  join(folder, 'onnx', dtypes[weights].file);

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
 * @param names of the classes
 * @throws IO_FAILED; INVALID_ARGUMENT as `checkTransformersPreprocessing`
 */
export async function writeTransformersFiles(
  folder: string,
  { config, preprocessing }: Pick<VitModel, 'config' | 'preprocessing'>,
  { weights, names }: { readonly weights: WeightType; readonly names: readonly string[] },
): Promise<string[]> {
  checkTransformersPreprocessing({ preprocessing });
  const files = {
    'config.json': {
      model_type: 'vit',
      architectures: ['ViTForImageClassification'],
      image_size: config.imageSize,
      patch_size: config.patchSize,
      num_channels: 3,
      hidden_size: config.width,
      num_hidden_layers: config.depth,
      num_attention_heads: config.heads,
      intermediate_size: config.mlpWidth,
      ...(headActivation(config) === 'sigmoid' && { problem_type: 'multi_label_classification' }),
      id2label: Object.fromEntries(names.map((name, index) => [index, name])),
      label2id: Object.fromEntries(names.map((name, index) => [name, index])),
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
