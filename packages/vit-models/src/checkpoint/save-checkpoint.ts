/** A model as a folder that `fromPretrained` reads back: `model.safetensors` and a `config.json` in timm's form. */

import type { HostTensor } from '@patchslim/tensor';
import { nodeFs, nodePath, writeWhole } from '@patchslim/tensor/files';
import { changedSwitches, isDistilled, type VitConfig } from '../config.js';
import type { VitParams } from '../params.js';
import { canonicalParams } from '../param-tree.js';
import { fileError } from './file-error.js';
import { fingerprint } from './fingerprint.js';
import type { Checkpoint } from './from-pretrained.js';
import { headsKey } from './containers/safetensors-container.js';
import { writePreprocessing } from './hub/write-preprocessing.js';
import { configFile, preprocessorFile } from './located.js';
import { writeSafetensors, type WriteSafetensorsOptions } from './write-safetensors.js';

/** What a model of one's own making has. */
export type CheckpointParts = Pick<Checkpoint, 'config' | 'preprocessing' | 'labels'> & {
  readonly params: VitParams<HostTensor<'float32'>>;
  /** Where it came from. */
  readonly source: string;
};

/** A checkpoint of parameters that were trained or adapted here, with its own fingerprint. */
export async function createCheckpoint({ params, ...parts }: CheckpointParts): Promise<Checkpoint> {
  const tensors = canonicalParams(parts.config, params);
  return { ...parts, tensors, fingerprint: await fingerprint(parts.config, tensors), ignored: [] };
}

/**
 * Writes a checkpoint into a folder, which is made when it is not there (Node only). Each file is whole or absent. The preprocessing
 * goes into `config.json` where timm has words for it, else into a `preprocessor_config.json`.
 *
 * @throws `INVALID_ARGUMENT` for a preprocessing that neither timm nor transformers could do; `NUMERICAL` for weights that are not finite, `IO_FAILED`
 * @example
 * await saveCheckpoint('out/model', await createCheckpoint({ config, preprocessing, params, source: 'training' }));
 */
export async function saveCheckpoint(
  folder: string,
  {
    config,
    preprocessing,
    tensors,
    labels,
  }: Pick<Checkpoint, 'config' | 'preprocessing' | 'tensors' | 'labels'>,
  options: WriteSafetensorsOptions = {},
): Promise<void> {
  const { form, json } = writePreprocessing(preprocessing);
  const [fs, path] = await Promise.all([nodeFs(), nodePath()]);
  try {
    await fs.mkdir(folder, { recursive: true });
  } catch (error) {
    throw fileError('saveCheckpoint', folder, error);
  }
  const metadata = { [headsKey]: String(config.heads), ...options.metadata }; // the file alone tells them too
  await writeSafetensors(path.join(folder, 'model.safetensors'), tensors, { ...options, metadata });
  const write = (name: string, value: object): Promise<void> =>
    writeWhole('saveCheckpoint', path.join(folder, name), [`${JSON.stringify(value, null, 2)}\n`]);
  // One of an earlier model would count before `config.json`.
  if (form === 'timm') await fs.rm(path.join(folder, preprocessorFile), { force: true });
  else await write(preprocessorFile, json);
  await write(configFile, timmConfig(config, form === 'timm' ? json : undefined, labels));
}

function timmConfig(
  config: VitConfig,
  pretrained: object | undefined,
  labels: readonly string[] | undefined,
): object {
  const { name, imageSize, patchSize, width, depth, heads, mlpWidth, layerNormEps } = config;
  const switches = changedSwitches(config);
  const { multiLabel } = config;
  return {
    architecture: `${isDistilled(config) ? 'deit' : 'vit'}_${name}`,
    num_classes: config.headless ? 0 : config.classes,
    num_attention_heads: heads,
    layer_norm_eps: layerNormEps,
    model_args: {
      img_size: imageSize,
      patch_size: patchSize,
      embed_dim: width,
      depth,
      num_heads: heads,
      mlp_ratio: mlpWidth / width,
    },
    ...(pretrained && { pretrained_cfg: pretrained }),
    patchslim: switches,
    ...(multiLabel ? { problem_type: 'multi_label_classification' } : {}),
    ...(labels ? { id2label: Object.fromEntries(labels.map((label, index) => [index, label])) } : {}),
  };
}
