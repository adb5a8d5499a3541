/**
 * A folder that transformers.js opens as an image classifier: the graph under `onnx`, `config.json` with the kind of model and its
 * classes, `preprocessor_config.json` with what becomes of an image.
 */

import { join } from 'node:path';
import type { WeightType } from '@patchslim/backend-onnx';
import { writeWhole } from '@patchslim/tensor/files';
import type { VitModel } from '@patchslim/vit-models';

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

/**
 * Writes what lies beside the graph; gives the paths.
 *
 * @param names of the classes
 * @throws IO_FAILED
 */
export async function writeTransformersFiles(
  folder: string,
  { config, preprocessing }: Pick<VitModel, 'config' | 'preprocessing'>,
  { weights, names }: { readonly weights: WeightType; readonly names: readonly string[] },
): Promise<string[]> {
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
      id2label: Object.fromEntries(names.map((name, index) => [index, name])),
      label2id: Object.fromEntries(names.map((name, index) => [name, index])),
      // Else it would look for an int8 file in WebAssembly, and for a float32 one elsewhere.
      'transformers.js_config': { dtype: dtypes[weights].dtype },
    },
    'preprocessor_config.json': {
      image_processor_type: 'ViTImageProcessor',
      do_resize: true,
      size: { shortest_edge: preprocessing.resize },
      resample: lanczos,
      do_center_crop: true,
      crop_size: { height: preprocessing.crop, width: preprocessing.crop },
      do_rescale: true,
      rescale_factor: 1 / 255,
      do_normalize: true,
      image_mean: preprocessing.mean,
      image_std: preprocessing.std,
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
 * Pillow's number for it, which the file format uses. The checkpoints were trained with bicubic, but that of transformers.js does not
 * smooth when it makes an image smaller; its Lanczos does, and comes nearer to Pillow's bicubic.
 */
const lanczos = 1;
