/** `patchslim export`: the dense or slimmed model as an ONNX file, or as a folder for transformers.js. */

import { forms, weightTypes, type WeightType } from '@patchslim/backend-onnx';
import { headActivation } from '@patchslim/vit-models';
import { classNames, labelsHelp, labelsOption } from '../class-names.js';
import { defineCommand } from '../command.js';
import { exportCheckpoint } from '../export-onnx.js';
import { makeFolder, makeFolderOf } from '../files.js';
import { loadCheckpoint, planFor, planHelp, planOption, weightsHelp, weightsOption } from '../inputs.js';
import { table } from '../table.js';
import {
  checkTransformersPreprocessing,
  transformersGraph,
  transformersInput,
  writeTransformersFiles,
} from '../transformers-js.js';
import { integer, noMoreArguments, oneOf, requiredArgument, UsageError } from '../usage.js';

export const exportCommand = defineCommand({
  name: 'export',
  summary: 'Writes the dense or slimmed model as an ONNX file: images [B, 3, S, S] in, logits [B, C] out.',
  usage:
    'export MODEL --onnx FILE|--transformers-js DIR [--weights SOURCE] [--plan FILE] [--form FORM] [--batch N|dynamic] [--dtype TYPE]',
  optionHelp: [
    ...weightsHelp,
    planHelp,
    ['--onnx FILE', 'where to write'],
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
    const { path, folder } = target(values, dtype);
    const batchText = values.batch ?? (folder === undefined ? '1' : 'dynamic');
    const batch = batchText === 'dynamic' ? batchText : integer('batch', batchText, 1);
    const form = oneOf('form', values.form ?? (folder === undefined ? 'runtime' : 'portable'), forms);
    await makeFolderOf(path);
    if (folder !== undefined) await makeFolder(folder);
    const checkpoint = await loadCheckpoint(name, values, context);
    if (folder !== undefined) {
      checkTransformersPreprocessing(checkpoint);
      if (headActivation(checkpoint.config) === 'sigmoid') context.note(sigmoidRemark);
    }
    const names = classNames(checkpoint.config.classes, checkpoint.labels);
    const plan = await planFor(checkpoint, values.plan);
    const input = folder === undefined ? 'images' : transformersInput;
    const exported = await exportCheckpoint(checkpoint, path, {
      ...{ form, batch, dtype, plan, input },
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
        ['nodes', String(exported.nodes)],
      ]),
    };
  },
});

const sigmoidRemark =
  'the head has a sigmoid: config.json says so (problem_type), but the image pipeline of transformers.js takes a softmax of any head; call the model itself and take the sigmoid of its logits';

/** The graph's file, and the folder around it if there is one. */
function target(
  { onnx, 'transformers-js': folder }: { readonly onnx?: string; readonly 'transformers-js'?: string },
  weights: WeightType,
): { readonly path: string; readonly folder?: string } {
  if (onnx && folder) throw new UsageError('--onnx and --transformers-js exclude each other');
  if (onnx) return { path: onnx };
  if (folder) return { path: transformersGraph(folder, weights), folder };
  throw new UsageError('--onnx or --transformers-js is missing');
}
