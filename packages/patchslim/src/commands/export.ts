/** `patchslim export`: the dense or slimmed model as an ONNX file, or as a folder for transformers.js. */

import { forms, weightTypes, type WeightType } from '@patchslim/backend-onnx';
import { headActivation, type VitConfig } from '@patchslim/vit-models';
import { classNames, labelsHelp, labelsOption } from '../class-names.js';
import { defineCommand } from '../command.js';
import { exportCheckpoint, onnxOutputs, type OnnxOutput } from '../export-onnx.js';
import { makeFolder, makeFolderOf } from '../files.js';
import { loadCheckpoint, planFor, planHelp, planOption, weightsHelp, weightsOption } from '../inputs.js';
import { table } from '../table.js';
import {
  checkTransformersPreprocessing,
  transformersClass,
  transformersGraph,
  transformersInput,
  writeTransformersFiles,
} from '../transformers-js.js';
import { integer, noMoreArguments, oneOf, requiredArgument, UsageError } from '../usage.js';

export const exportCommand = defineCommand({
  name: 'export',
  summary:
    'Writes the dense or slimmed model as an ONNX file: images [B, 3, S, S] in, logits [B, C] or features [B, D] out.',
  usage:
    'export MODEL --onnx FILE|--transformers-js DIR [--weights SOURCE] [--plan FILE] [--outputs LIST] [--form FORM] [--batch N|dynamic] [--dtype TYPE]',
  optionHelp: [
    ...weightsHelp,
    planHelp,
    ['--onnx FILE', 'where to write'],
    [
      '--outputs LIST',
      'with --onnx, some of: logits (default of a classifier) [B, C]; features (default of an encoder), the embedding [B, D]; last_hidden_state, the tokens of the full grid [B, N, D]: merged ones have their common value, dropped ones their last',
    ],
    [
      '--transformers-js DIR',
      'instead of --onnx: a folder that transformers.js opens, in the portable form and for any number of images',
    ],
    [
      '--form FORM',
      'runtime (default with --onnx): with the operators that ONNX Runtime is fast at; portable: standard operators only; webgpu: what its WebGPU provider computes on the GPU',
    ],
    ['--batch N|dynamic', 'images at a time (1 with --onnx), or any number'],
    [
      '--dtype TYPE',
      'what the file holds weights as: float32 (default); float16: half the size, computed as before; int8: a quarter of the size, multiplied in whole numbers, for CPUs',
    ],
    labelsHelp,
  ],
  example:
    'export deit-tiny --weights deit_tiny_patch16_224.safetensors --plan out/plan.json --onnx out/slim.onnx',
  options: {
    ...weightsOption,
    ...planOption,
    onnx: { type: 'string' },
    outputs: { type: 'string' },
    'transformers-js': { type: 'string' },
    form: { type: 'string' },
    batch: { type: 'string' },
    dtype: { type: 'string', default: 'float32' },
    ...labelsOption,
  },
  async run(positionals, values, context) {
    noMoreArguments(positionals, 1);
    const name = requiredArgument(positionals, 'MODEL');
    const dtype = oneOf('dtype', values.dtype, weightTypes);
    const { pathFor, folder } = target(values, dtype);
    const asked = readOutputs(values.outputs, folder);
    const batchText = values.batch ?? (folder === undefined ? '1' : 'dynamic');
    const batch = batchText === 'dynamic' ? batchText : integer('batch', batchText, 1);
    const form = oneOf('form', values.form ?? (folder === undefined ? 'runtime' : 'portable'), forms);
    // Before the weights are read, so that a place that cannot be written costs no download.
    await (folder === undefined ? makeFolderOf(values.onnx!) : makeFolder(folder));
    const checkpoint = await loadCheckpoint(name, values, context);
    const path = pathFor(checkpoint.config);
    await makeFolderOf(path);
    if (folder !== undefined) {
      checkTransformersPreprocessing(checkpoint);
      if (headActivation(checkpoint.config) === 'sigmoid') context.note(sigmoidRemark);
    }
    const names = classNames(checkpoint.config.classes, checkpoint.labels);
    const plan = await planFor(checkpoint, values.plan);
    const exported = await exportCheckpoint(checkpoint, path, {
      ...{ form, batch, dtype, plan, ...(asked && { outputs: asked }) },
      ...(folder === undefined ? {} : forTransformers(checkpoint.config)),
      ...context,
    });
    const beside =
      folder === undefined ? [] : await writeTransformersFiles(folder, checkpoint, { weights: dtype, names });
    return {
      json: { ...exported, ...(folder === undefined ? {} : { folder, beside }) },
      text: table([
        ['file', exported.path],
        ...beside.map((file) => ['', file]),
        ['size', `${((exported.bytes + (exported.dataBytes ?? 0)) / 1e6).toFixed(1)} MB`],
        ['form', form],
        ['batch', batchText],
        ['weights', dtype],
        ['outputs', exported.outputs.join(', ')],
        ['nodes', String(exported.nodes)],
      ]),
    };
  },
});

const sigmoidRemark =
  'the head has a sigmoid: config.json says so (problem_type), but the image pipeline of transformers.js takes a softmax of any head; call the model itself and take the sigmoid of its logits';

/** Input and outputs as transformers.js names them. */
function forTransformers(config: VitConfig) {
  const { outputs } = transformersClass(config);
  return { input: transformersInput, outputs: Object.keys(outputs) as OnnxOutput[], names: outputs };
}

/** @throws UsageError */
function readOutputs(text: string | undefined, folder: string | undefined): OnnxOutput[] | undefined {
  if (text === undefined) return undefined;
  if (folder !== undefined)
    throw new UsageError('--outputs: with --transformers-js they are those of its pipelines');
  return [...new Set(text.split(','))].map((output) => oneOf('outputs', output, onnxOutputs));
}

/** The graph's file, and the folder around it if there is one. */
function target(
  { onnx, 'transformers-js': folder }: { readonly onnx?: string; readonly 'transformers-js'?: string },
  weights: WeightType,
): { readonly pathFor: (config: VitConfig) => string; readonly folder?: string } {
  if (onnx && folder) throw new UsageError('--onnx and --transformers-js exclude each other');
  if (onnx) return { pathFor: () => onnx };
  if (folder) return { pathFor: (config) => transformersGraph(folder, config, weights), folder };
  throw new UsageError('--onnx or --transformers-js is missing');
}
