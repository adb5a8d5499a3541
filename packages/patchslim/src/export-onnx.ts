/** A model as an ONNX file: images `[B, 3, S, S]` in, logits `[B, C]`, embeddings or patch tokens out. */

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
import { PatchslimError, type LongCallOptions, type Tensor } from '@patchslim/tensor';
import {
  checkpointOf,
  embed,
  givesEmbedding,
  placeModel,
  poolTokens,
  readOutputs,
  requireClasses,
  runBlocks,
  runOnGrid,
  type BlockPlan,
  type Checkpoint,
  type VitConfig,
  type VitModel,
} from '@patchslim/vit-models';

/**
 * What a graph can give: `logits` `[B, C]` of a classifier; `features`, the embedding of an image `[B, D]` as `embed` gives it;
 * `last_hidden_state`, the tokens `[B, N, D]` behind the last norm on the full grid, as `patchTokens` gives them.
 */
export type OnnxOutput = 'logits' | 'features' | 'last_hidden_state';
export const onnxOutputs: readonly OnnxOutput[] = ['logits', 'features', 'last_hidden_state'];

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
  /** @default ['logits'], of an encoder ['features'] */
  readonly outputs?: readonly OnnxOutput[] | undefined;
}

/** What was written. */
export interface ExportedOnnx extends SavedModel {
  /** Name of the input. */
  readonly input: string;
  /** Names of the outputs. */
  readonly outputs: readonly string[];
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
 * @throws `INVALID_ARGUMENT` for an option outside its values, or logits of an encoder; `IO_FAILED`; `ABORTED`
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

/** The same for weights in memory, under the blocks of a plan; `input` and `names` are for another program that reads the graph. */
export async function exportCheckpoint(
  checkpoint: Checkpoint,
  path: string,
  {
    form = 'runtime',
    batch = 1,
    dtype = 'float32',
    plan,
    input = 'images',
    outputs = usualOutputs(checkpoint.config),
    names = {},
    ...context
  }: ExportOnnxOptions & {
    readonly plan?: readonly BlockPlan[] | undefined;
    readonly input?: string;
    readonly names?: Partial<Readonly<Record<OnnxOutput, string>>>;
  },
): Promise<ExportedOnnx> {
  checkOption('form', form, forms);
  checkOption('dtype', dtype, weightTypes);
  for (const output of outputs) checkOption('outputs', output, onnxOutputs);
  if (outputs.includes('logits')) requireClasses(checkpoint.config, 'exportOnnx(): logits');
  const isCount = typeof batch === 'number' && Number.isSafeInteger(batch) && batch > 0;
  if (!isCount) checkOption('batch', batch, ['dynamic']);
  const recorder = createOnnxRecorder({ form });
  const model = placeModel(recorder, checkpoint);
  const { imageSize } = model.config;
  const graph = recorder.record(
    (inputs) => outputsOf(model, inputs[input]!, plan, outputs, names),
    { [input]: { shape: [isCount ? batch : 1, 3, imageSize, imageSize], dtype: 'float32' } },
    { weights: dtype, ...(isCount ? {} : { batch: 'dynamic' }) },
  );
  const operators: Record<string, number> = {};
  for (const { op } of graph.nodes) operators[op] = (operators[op] ?? 0) + 1;
  const saved = await saveModel(graph, path, context);
  return {
    ...saved,
    input,
    outputs: graph.outputs.map(({ name }) => name),
    form,
    batch,
    dtype,
    nodes: graph.nodes.length,
    operators,
  };
}

/** The classes of a classifier, the embedding of an encoder. */
export const usualOutputs = (config: VitConfig): readonly OnnxOutput[] =>
  givesEmbedding(config) ? ['features'] : ['logits'];

/** The outputs of a graph by name. Only patch tokens need the work of `runOnGrid`. */
function outputsOf(
  model: VitModel,
  images: Tensor,
  plan: readonly BlockPlan[] | undefined,
  outputs: readonly OnnxOutput[],
  names: Partial<Readonly<Record<OnnxOutput, string>>>,
): Record<string, Tensor> {
  const grid = outputs.includes('last_hidden_state')
    ? runOnGrid(model, images, { plan, norm: true })
    : undefined;
  const state = grid?.state ?? runBlocks(model, embed(model, images), { plan }).state;
  const read = outputs.some((output) => output !== 'last_hidden_state')
    ? readOutputs(model, poolTokens(model, state))
    : undefined;
  const byOutput = { logits: read?.logits, features: read?.embedding, last_hidden_state: grid?.grids[0] };
  return Object.fromEntries(outputs.map((output) => [names[output] ?? output, byOutput[output]!]));
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
