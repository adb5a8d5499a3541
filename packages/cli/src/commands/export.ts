/** `patchslim export`: the dense or slimmed model as an ONNX file. */

import { createOnnxRecorder, forms, saveModel, weightTypes } from '@patchslim/backend-onnx';
import { forward } from '@patchslim/vit-models';
import { defineCommand } from '../command.js';
import { loadModel, planFor, planHelp, planOption, weightsHelp, weightsOption } from '../inputs.js';
import { table } from '../table.js';
import { integer, noMoreArguments, oneOf, required, requiredArgument } from '../usage.js';

export const exportCommand = defineCommand({
  name: 'export',
  summary: 'Writes the dense or slimmed model as an ONNX file: images [B, 3, S, S] in, logits [B, C] out.',
  usage:
    'export MODEL --onnx FILE [--weights SOURCE] [--plan FILE] [--form FORM] [--batch N|dynamic] [--dtype TYPE]',
  optionHelp: [
    weightsHelp,
    planHelp,
    ['--onnx FILE', 'where to write'],
    [
      '--form FORM',
      'runtime (default): with the operators that ONNX Runtime is fast at; portable: standard operators only; webgpu: what its WebGPU provider computes on the GPU',
    ],
    ['--batch N|dynamic', 'images at a time (1), or any number'],
    [
      '--dtype TYPE',
      'what the file holds weights as: float32 (default); float16: half the size, computed as before; int8: a quarter of the size, multiplied in whole numbers, for CPUs',
    ],
  ],
  example:
    'export deit-tiny --weights deit_tiny_patch16_224.safetensors --plan out/plan.json --onnx out/slim.onnx',
  options: {
    ...weightsOption,
    ...planOption,
    onnx: { type: 'string' },
    form: { type: 'string', default: 'runtime' },
    batch: { type: 'string', default: '1' },
    dtype: { type: 'string', default: 'float32' },
  },
  async run(positionals, values, context) {
    noMoreArguments(positionals, 1);
    const name = requiredArgument(positionals, 'MODEL');
    const path = required(values, 'onnx');
    const dynamic = values.batch === 'dynamic';
    const batch = dynamic ? 1 : integer('batch', values.batch, 1);
    const weights = oneOf('dtype', values.dtype, weightTypes);
    const recorder = createOnnxRecorder({ form: oneOf('form', values.form, forms) });
    const model = await loadModel(name, values.weights, recorder, context);
    const plan = await planFor(model, values.plan);
    const { imageSize } = model.config;
    const graph = recorder.record(
      ({ images }) => ({ logits: forward(model, images, { plan }).logits }),
      { images: { shape: [batch, 3, imageSize, imageSize], dtype: 'float32' } },
      { weights, ...(dynamic ? { batch: 'dynamic' } : {}) },
    );
    const saved = await saveModel(graph, path, context);
    const operators = countBy(graph.nodes.map((node) => node.op));
    return {
      json: {
        ...saved,
        form: recorder.form,
        batch: dynamic ? 'dynamic' : batch,
        dtype: weights,
        nodes: graph.nodes.length,
        operators,
      },
      text: table([
        ['file', saved.path],
        ['size', `${((saved.bytes + (saved.dataBytes ?? 0)) / 1e6).toFixed(1)} MB`],
        ['form', recorder.form],
        ['batch', values.batch],
        ['weights', weights],
        ['nodes', String(graph.nodes.length)],
      ]),
    };
  },
});

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
