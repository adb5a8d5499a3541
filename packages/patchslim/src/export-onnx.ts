/** A model as an ONNX file: images `[B, 3, S, S]` in, logits `[B, C]` out. */

import {
  createOnnxRecorder,
  forms,
  saveModel,
  weightTypes,
  type Form,
  type SavedModel,
  type WeightType,
} from '@patchslim/backend-onnx';
import type { SlimmedModel } from '@patchslim/slimming';
import { blocksFor } from '@patchslim/slimming-schedules';
import { PatchslimError, type LongCallOptions } from '@patchslim/tensor';
import {
  checkpointOf,
  forward,
  placeModel,
  type BlockPlan,
  type Checkpoint,
  type VitModel,
} from '@patchslim/vit-models';

/** Options of `exportOnnx`. */
export interface ExportOnnxOptions extends LongCallOptions {
  /**
   * `runtime`: with the operators that ONNX Runtime is fast at; `portable`: standard operators only; `webgpu`: what ONNX Runtime's
   * WebGPU provider computes on the GPU. @default 'runtime'
   */
  readonly form?: Form | undefined;
  /** Images at a time, or `dynamic` for any number. @default 1 */
  readonly batch?: number | 'dynamic' | undefined;
  /** What the file holds weights as: `float16` takes half the bytes, `int8` a quarter. @default 'float32' */
  readonly dtype?: WeightType | undefined;
}

/** What was written. */
export interface ExportedOnnx extends SavedModel {
  /** Name of the input. The output is `logits`. */
  readonly input: string;
  readonly form: Form;
  readonly batch: number | 'dynamic';
  readonly dtype: WeightType;
  readonly nodes: number;
  /** How many nodes of each operator. */
  readonly operators: Readonly<Record<string, number>>;
}

/**
 * Writes a slimmed model, or a dense one, as an ONNX file (Node only). The file is whole or absent.
 *
 * @throws `INVALID_ARGUMENT` for an option outside its values; `IO_FAILED`; `ABORTED`
 * @example
 * await exportOnnx(slimmed, 'slim.onnx', { form: 'portable', batch: 'dynamic' });
 */
export async function exportOnnx(
  model: SlimmedModel | VitModel,
  path: string,
  options: ExportOnnxOptions = {},
): Promise<ExportedOnnx> {
  if (!('plan' in model)) return exportCheckpoint(await checkpointOf(model), path, options);
  const plan = blocksFor(model.plan, model.model);
  return exportCheckpoint(await checkpointOf(model.model), path, { ...options, plan });
}

/** The same for weights in memory, under the blocks of a plan; `input` names the input. */
export async function exportCheckpoint(
  checkpoint: Checkpoint,
  path: string,
  {
    form = 'runtime',
    batch = 1,
    dtype = 'float32',
    plan,
    input = 'images',
    ...context
  }: ExportOnnxOptions & { readonly plan?: readonly BlockPlan[] | undefined; readonly input?: string },
): Promise<ExportedOnnx> {
  checkOption('form', form, forms);
  checkOption('dtype', dtype, weightTypes);
  const isCount = typeof batch === 'number' && Number.isSafeInteger(batch) && batch > 0;
  if (!isCount) checkOption('batch', batch, ['dynamic']);
  const recorder = createOnnxRecorder({ form });
  const model = placeModel(recorder, checkpoint);
  const { imageSize } = model.config;
  const graph = recorder.record(
    (inputs) => ({ logits: forward(model, inputs[input]!, { plan }).logits }),
    { [input]: { shape: [isCount ? batch : 1, 3, imageSize, imageSize], dtype: 'float32' } },
    { weights: dtype, ...(isCount ? {} : { batch: 'dynamic' }) },
  );
  const operators: Record<string, number> = {};
  for (const { op } of graph.nodes) operators[op] = (operators[op] ?? 0) + 1;
  const saved = await saveModel(graph, path, context);
  return { ...saved, input, form, batch, dtype, nodes: graph.nodes.length, operators };
}

function checkOption(name: string, value: unknown, values: readonly string[]): void {
  if (values.includes(value as string)) return;
  const expected = name === 'batch' ? 'a number of images or dynamic' : values.join(' or ');
  throw new PatchslimError(
    'INVALID_ARGUMENT',
    `exportOnnx(): expected ${name} to be ${expected}, got ${String(value)}`,
    { [name]: String(value) },
  );
}
