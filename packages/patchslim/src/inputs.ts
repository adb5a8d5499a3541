/** What most commands read: a model, a plan, images. And the options that name them. */

import {
  checkLabels,
  folderSet,
  matchClasses,
  openImageFolder,
  parseClassNames,
  type ImageBatchOptions,
  type ImageFolder,
  type ImageSet,
} from '@patchslim/datasets';
import { devices } from '@patchslim/backends';
import { defaults, type TextEmbeddings } from '@patchslim/slimming';
import { blocksFor, parsePlan, type SlimPlan } from '@patchslim/slimming-schedules';
import type { Backend } from '@patchslim/tensor';
import {
  fromPretrained,
  givesEmbedding,
  placeModel,
  type BlockPlan,
  type Checkpoint,
  type VitModel,
} from '@patchslim/vit-models';
import { labelsHelp, labelsOption } from './class-names.js';
import type { CommandContext } from './command.js';
import { withDownloadHint } from './download-hint.js';
import { readBytes, readText } from './files.js';
import { openNamedBackend } from './open-backend.js';
import { classesOf } from './text-embeddings.js';
import { integer, oneOf, required, UsageError } from './usage.js';

/** Instead of a preset's name: a vision transformer of any family and size, as the weights describe it. */
export const customModel = 'custom';

/** What tells more about weights than their source. */
export const readingOptions = { heads: { type: 'string' }, entry: { type: 'string' } } as const;
export const weightsOption = { weights: { type: 'string' }, ...readingOptions } as const;
/** What happens to files that cannot be decoded. */
export const corruptOption = { corrupt: { type: 'string', default: 'fail' } } as const;
/** Options of commands that run a model. */
export const modelOptions = { ...weightsOption, backend: { type: 'string', default: 'native' } } as const;
/** As `--backend`: the first that works. */
export const autoBackend = 'auto';
export const planOption = { plan: { type: 'string' } } as const;
export const dataOptions = {
  data: { type: 'string' },
  ...labelsOption,
  ...corruptOption,
  batch: { type: 'string', default: String(defaults.batchSize) },
} as const;

/** Of `readingOptions`. */
export const readingHelp = [
  ['--heads N', 'attention heads, for weights that do not tell them (a bare file that is no preset)'],
  [
    '--entry NAME',
    'which weights of a PyTorch file that holds several, as model, state_dict_ema, teacher (the averaged ones; a remark says which)',
  ],
] as const;
/** Of `weightsOption`. */
export const weightsHelp = [
  [
    '--weights SOURCE',
    "weights (safetensors, PyTorch's .pth, AugReg's .npz): file, folder, address or hub id; by default the model's own on the hub",
  ],
  ...readingHelp,
] as const;
export const backendHelp = [
  '--backend NAME',
  `native (default), auto (the first that works), ${Object.keys(devices).join(', ')}, or another name that \`patchslim doctor\` lists\n--device is the same option`,
] as const;
export const planHelp = ['--plan FILE', 'slim plan; without it the dense model'] as const;
export const dataHelp = [
  [
    '--data DIR',
    'folder of images: with labels.csv, with a sub-folder for each class (its name, WordNet id or number), or without labels',
  ],
  labelsHelp,
  [
    '--corrupt fail|skip',
    'stop at a file that cannot be decoded (fail, the default), or leave it out and say so on stderr (skip)',
  ],
  ['--batch N', `images at a time (${defaults.batchSize})`],
] as const;

/** What names weights and their classes. */
export interface WeightsValues {
  readonly weights?: string | undefined;
  readonly heads?: string | undefined;
  readonly entry?: string | undefined;
  readonly labels?: string | undefined;
}

/** Loads weights, with the class names of `--labels`, and places them on the backend of `--backend`. */
export async function openModel(
  name: string,
  { backend, ...values }: WeightsValues & { readonly backend: string },
  context: CommandContext,
): Promise<VitModel> {
  const opened = await openBackendFor(backend, context);
  return placeModel(opened, await loadCheckpoint(name, values, context));
}

/** The backend of `--backend`; a remark names it where the option left a choice. */
export async function openBackendFor(name: string, { note }: CommandContext): Promise<Backend> {
  const backend = await openNamedBackend(name);
  if (name !== backend.name) note(`backend: ${backend.name}`);
  return backend;
}

/** The checkpoint of MODEL, `--weights` and `--heads`, with the class names of `--labels`. @throws DATA_INVALID for names that do not fit */
export async function loadCheckpoint(
  name: string,
  values: WeightsValues,
  context: CommandContext,
): Promise<Checkpoint> {
  const { labels } = values;
  const names = labels === undefined ? undefined : await readBytes(labels, 'the class names in');
  const checkpoint = await readWeights(name, values, context);
  checkpoint.remarks?.forEach(context.note);
  if (!names || givesEmbedding(checkpoint.config)) return checkpoint; // an encoder's names are those of text embeddings
  return { ...checkpoint, labels: parseClassNames(names, labels!, checkpoint.config.classes) };
}

async function readWeights(
  name: string,
  { weights, heads: given, entry }: WeightsValues,
  { signal, onProgress }: CommandContext,
): Promise<Checkpoint> {
  const heads = given === undefined ? undefined : integer('heads', given, 1);
  const load = (source: string, model: string | undefined): Promise<Checkpoint> =>
    fromPretrained(source, { model, heads, entry, signal, onProgress });
  const hint = 'to use weights on this machine: --weights FILE';
  if (name !== customModel) {
    return withDownloadHint(hint, load(weights ?? name, name));
  }
  if (weights === undefined) throw new UsageError(`${customModel}: --weights is missing`);
  return withDownloadHint(hint, load(weights, undefined));
}

/** @throws NOT_FOUND, IO_FAILED, PLAN_INVALID */
export async function readPlan(path: string): Promise<SlimPlan> {
  return parsePlan(await readText(path, 'the plan'), path);
}

/** The blocks of `--plan`, if it was given, for this model, or for this architecture where no weights were read. */
export async function planFor(
  model: Pick<VitModel, 'config'> & Partial<Pick<VitModel, 'fingerprint'>>,
  path: string | undefined,
): Promise<readonly BlockPlan[] | undefined> {
  return path === undefined ? undefined : blocksFor(await readPlan(path), model);
}

/** An image folder as the options of a command describe it. */
export interface ImageData {
  readonly folder: ImageFolder;
  /** What happens to files that cannot be decoded. */
  readonly decoding: Pick<ImageBatchOptions, 'corrupt' | 'onSkip'>;
  readonly batchSize: number;
}

/** Opens the folder of `--data`; decodes nothing yet. */
export async function openData(
  values: { readonly data?: string | undefined; readonly corrupt: string; readonly batch: string },
  { signal, note }: CommandContext,
): Promise<ImageData> {
  const directory = required(values, 'data');
  const corrupt = readCorrupt(values.corrupt);
  const batchSize = integer('batch', values.batch, 1);
  const folder = await openImageFolder(directory, { signal });
  folder.remarks?.forEach(note);
  return {
    folder,
    decoding: { corrupt, onSkip: ({ id }, error) => note(`left out ${id}: ${error.message}`) },
    batchSize,
  };
}

/** The value of `--corrupt`, in the words of the library. @throws UsageError */
export const readCorrupt = (text: string): 'error' | 'skip' =>
  oneOf('corrupt', text, ['fail', 'skip']) === 'skip' ? 'skip' : 'error';

/**
 * The same images with the classes of the model, or of text embeddings, as labels; says what was supposed of them.
 * @throws DATA_INVALID; INVALID_ARGUMENT for text embeddings that do not fit the model
 */
export function matchData(
  model: VitModel,
  data: ImageData,
  { note }: CommandContext,
  text?: TextEmbeddings,
): ImageData {
  const classes = classesOf(model, text);
  const folder = matchClasses(data.folder, classes);
  checkLabels(folder, classes.config);
  folder.remarks?.slice(data.folder.remarks?.length ?? 0).forEach(note);
  return { ...data, folder };
}

/** The first images of the folder, or all, as a model wants them. @throws DATA_INVALID for labels beyond its classes */
export function firstImages(model: VitModel, { folder, decoding }: ImageData, limit?: number): ImageSet {
  return folderSet({ ...folder, examples: folder.examples.slice(0, limit) }, model, decoding);
}
