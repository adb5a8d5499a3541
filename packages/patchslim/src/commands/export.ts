/** `patchslim export`: the dense or slimmed model as an ONNX file, or as a folder for transformers.js. */

import { createOnnxRecorder, forms, weightTypes, type WeightType } from '@patchslim/backend-onnx';
import { parseMethod, slim } from '@patchslim/slimming';
import { blocksFor } from '@patchslim/slimming-schedules';
import {
  headActivation,
  placeModel,
  type BlockPlan,
  type Checkpoint,
  type VitConfig,
} from '@patchslim/vit-models';
import { join, parse } from 'node:path';
import { classNames, labelsHelp, labelsOption } from '../class-names.js';
import { defineCommand } from '../command.js';
import {
  exportCheckpoint,
  onnxOutputs,
  type ExportedOnnx,
  type ExportOnnxOptions,
  type OnnxOutput,
} from '../export-onnx.js';
import { makeFolder, makeFolderOf } from '../files.js';
import {
  loadCheckpoint,
  planFor,
  planHelp,
  planOption,
  readPlan,
  weightsHelp,
  weightsOption,
} from '../inputs.js';
import { table } from '../table.js';
import {
  checkTransformersPreprocessing,
  transformersClass,
  transformersGraph,
  transformersInput,
  writeTransformersFiles,
} from '../transformers-js.js';
import { integer, noMoreArguments, oneOf, probability, requiredArgument, UsageError } from '../usage.js';

export const exportCommand = defineCommand({
  name: 'export',
  summary:
    'Writes the dense or slimmed model as an ONNX file: images [B, 3, S, S] in, logits [B, C] or features [B, D] out.',
  usage:
    'export MODEL --onnx FILE|--transformers-js DIR [--weights SOURCE] [--plan FILE] [--budgets LIST] [--outputs LIST] [--form FORM] [--batch N|dynamic] [--dtype TYPE]',
  optionHelp: [
    ...weightsHelp,
    planHelp,
    [
      '--budgets LIST',
      "with --plan and --onnx: one file for each share of the dense multiply-accumulates, as in 0.4,0.5,0.6, by the plan's method; FILE gets the share in its name: slim-0.4.onnx",
    ],
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
    budgets: { type: 'string' },
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
    const budgets = readBudgets(values, folder);
    const batchText = values.batch ?? (folder === undefined ? '1' : 'dynamic');
    const batch: number | 'dynamic' = batchText === 'dynamic' ? batchText : integer('batch', batchText, 1);
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
    const options: ExportOnnxOptions = { form, batch, dtype, outputs: asked, ...context };
    if (budgets) {
      const plans = await plansAt(budgets, values.plan!, checkpoint);
      const files = await exportBudgets(checkpoint, path, plans, options);
      return { json: { files }, text: budgetTable(files) };
    }
    const exported = await exportCheckpoint(checkpoint, path, {
      ...{ ...options, plan },
      ...(folder === undefined ? {} : forTransformers(checkpoint.config)),
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

/** @throws UsageError */
function readBudgets(
  { budgets, plan }: { readonly budgets?: string; readonly plan?: string },
  folder: string | undefined,
): readonly number[] | undefined {
  if (budgets === undefined) return undefined;
  if (folder !== undefined)
    throw new UsageError('--budgets writes files for --onnx, not a folder for --transformers-js');
  if (plan === undefined) throw new UsageError('--budgets needs --plan, whose method makes the plans');
  return [...new Set(budgets.split(',').map((share) => probability('budgets', share)))];
}

/** The plans of the method of a plan, at other budgets. @throws UsageError where the method needs images for each plan */
async function plansAt(
  budgets: readonly number[],
  path: string,
  checkpoint: Checkpoint,
): Promise<BudgetPlan[]> {
  const { method } = (await readPlan(path)).provenance;
  if (parseMethod(method).plan) {
    throw new UsageError(
      `--budgets: ${method} needs images for each plan; make the plans with patchslim slim`,
    );
  }
  const model = placeModel(createOnnxRecorder(), checkpoint);
  const plans: BudgetPlan[] = [];
  for (const budget of budgets) {
    const { plan, model: slimmed } = await slim(model, undefined, { method, schedule: `budget:${budget}` });
    await slimmed.close();
    const { macs } = plan.provenance;
    plans.push({ budget, macs: macs.slimmed / macs.dense, plan: blocksFor(plan, model) });
  }
  return plans;
}

interface BudgetPlan {
  readonly budget: number;
  /** Share of the dense multiply-accumulates. */
  readonly macs: number;
  readonly plan: readonly BlockPlan[];
}

/** One file for each plan, one after the other. */
async function exportBudgets(
  checkpoint: Checkpoint,
  path: string,
  plans: readonly BudgetPlan[],
  options: ExportOnnxOptions,
) {
  const files = [];
  for (const { budget, macs, plan } of plans) {
    const exported = await exportCheckpoint(checkpoint, pathAt(path, budget), { ...options, plan });
    files.push({ budget, macs, ...exported });
  }
  return files;
}

/** `slim.onnx` → `slim-0.4.onnx`. */
function pathAt(path: string, budget: number): string {
  const { dir, name, ext } = parse(path);
  return join(dir, `${name}-${budget}${ext}`);
}

const budgetTable = (files: readonly (ExportedOnnx & Omit<BudgetPlan, 'plan'>)[]) =>
  table([
    ['budget', 'multiply-accumulates', 'size', 'nodes', 'file'],
    ...files.map(({ budget, macs, path, bytes, dataBytes = 0, nodes }) => [
      ...[String(budget), `${(100 * macs).toFixed(1)} %`, `${((bytes + dataBytes) / 1e6).toFixed(1)} MB`],
      ...[String(nodes), path],
    ]),
  ]);

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
