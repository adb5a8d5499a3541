/** A model under its plan, ready to use: from `slim`, or from a saved folder. */

import { decodeImage, type ImageSource } from '@patchslim/datasets';
import { blocksFor, formatPlan, parsePlan, type SlimPlan } from '@patchslim/slimming-schedules';
import {
  float32,
  PatchslimError,
  type Backend,
  type HostTensor,
  type LongCallOptions,
} from '@patchslim/tensor';
import { nodeFs, nodePath, writeWhole } from '@patchslim/tensor/files';
import {
  checkpointOf,
  disposeModel,
  fromPretrained,
  placeModel,
  requireClasses,
  saveCheckpoint,
  type Checkpoint,
  type VitModel,
} from '@patchslim/vit-models';
import { likeliest, type ClassGuess, type GuessOptions } from './class-guess.js';
import { createImageReader, type ImageReader, type ReadImage } from './image-reader.js';
import {
  createGridReader,
  type BlockTokens,
  type GridReader,
  type PatchTokensOptions,
} from './patch-tokens.js';

/** A model under its plan. It never runs the dense network. */
export interface SlimmedModel {
  readonly plan: SlimPlan;
  /** With the adapted weights, if any. */
  readonly model: VitModel;
  /**
   * The likeliest classes of an image, likeliest first.
   * @param image a path (Node), encoded bytes, a `Blob`, or pixels
   * @throws INVALID_ARGUMENT for an encoder, or options outside their values; DISPOSED after `close`; errors of decoding
   */
  classify(image: ImageSource, options?: GuessOptions): Promise<ClassGuess[]>;
  /**
   * The embedding of an image, `[D]`: the output of an encoder (of CLIP, the projection); of a classifier the features that
   * its head reads, such as the class token after the last norm. Distilled models classify by two tokens; this is their class token.
   * @throws DISPOSED after `close`; errors of decoding
   */
  embed(image: ImageSource): Promise<Float32Array>;
  /**
   * The tokens of an image on the full grid, `[N, D]` for each of `blocks`: see `patchTokens`. The program of the last options
   * is kept.
   * @throws INVALID_ARGUMENT for a block that the model does not have; DISPOSED after `close`; errors of decoding
   */
  patchTokens(image: ImageSource, options?: PatchTokensOptions): Promise<readonly BlockTokens[]>;
  /**
   * Writes a folder for `openSlimmed`: `plan.json`, and in `model` the weights with a `config.json` (Node only).
   * @throws IO_FAILED
   */
  save(folder: string): Promise<void>;
  /** Frees its compiled programs and its weights. The backend and the original model stay open. */
  close(): Promise<void>;
}

/**
 * Creates a slimmed model from a plan, and adapted weights if any. Compiles on first use.
 * @param model the dense model that was slimmed
 * @throws PLAN_MISMATCH for the plan of another model; PLAN_INVALID
 * @example
 * const slimmed = createSlimmedModel(model, { plan, adapted });
 * const [best] = await slimmed.classify('cat.jpg');
 * console.log(best.label, best.probability);
 * await slimmed.close();
 */
export function createSlimmedModel(
  model: VitModel,
  { plan, adapted }: { readonly plan: SlimPlan; readonly adapted?: Checkpoint | undefined },
): SlimmedModel {
  if (!adapted) return modelUnder(plan, model, () => undefined);
  blocksFor(plan, adapted); // before weights are placed
  const placed = placeModel(model.backend, adapted);
  return modelUnder(plan, placed, () => disposeModel(placed));
}

/**
 * Opens a folder that `SlimmedModel.save` wrote (Node only). `close` frees the weights too.
 * @throws NOT_FOUND, IO_FAILED, PLAN_INVALID, PLAN_MISMATCH for files that do not belong together; errors of
 *   `fromPretrained`; ABORTED
 * @example
 * const slimmed = await openSlimmed(await openBackend('native'), 'out/slim-deit');
 */
export async function openSlimmed(
  backend: Backend,
  folder: string,
  options: LongCallOptions = {},
): Promise<SlimmedModel> {
  const path = await nodePath();
  const plan = await readPlan(path.join(folder, planFile));
  const checkpoint = await fromPretrained(path.join(folder, modelFolder), options);
  blocksFor(plan, checkpoint);
  const model = placeModel(backend, checkpoint);
  return modelUnder(plan, model, () => disposeModel(model));
}

const planFile = 'plan.json';
const modelFolder = 'model';

function modelUnder(plan: SlimPlan, model: VitModel, freeWeights: () => void): SlimmedModel {
  const blocks = blocksFor(plan, model);
  const reader: ImageReader = createImageReader(model, blocks);
  const gridReader: GridReader = createGridReader(model, blocks);
  let closing: Promise<void> | undefined;
  const pixelsOf = async (image: ImageSource): Promise<HostTensor<'float32'>> => {
    const { imageSize } = model.config;
    return float32([1, 3, imageSize, imageSize], await decodeImage(image, model.preprocessing));
  };
  const read = async (image: ImageSource): Promise<ReadImage> => reader.read(await pixelsOf(image));
  const close = async (): Promise<void> => {
    try {
      await reader.dispose();
      await gridReader.dispose();
    } finally {
      freeWeights();
    }
  };
  return {
    plan,
    model,
    async classify(image, options) {
      requireClasses(model.config, 'classify');
      return likeliest((await read(image)).logits, model, options);
    },
    embed: async (image) => (await read(image)).embedding,
    patchTokens: async (image, options) => gridReader.read(await pixelsOf(image), options),
    async save(folder) {
      const path = await nodePath();
      await saveCheckpoint(path.join(folder, modelFolder), await checkpointOf(model));
      await writeWhole('save', path.join(folder, planFile), [formatPlan(plan)]);
    },
    close: () => (closing ??= close()),
  };
}

async function readPlan(file: string): Promise<SlimPlan> {
  const { readFile } = await nodeFs();
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const missing = (error as { code?: unknown }).code === 'ENOENT';
    throw new PatchslimError(
      missing ? 'NOT_FOUND' : 'IO_FAILED',
      missing
        ? `openSlimmed(): there is no '${file}'; give the folder that save() wrote`
        : `openSlimmed(): cannot read '${file}'`,
      { path: file },
      error,
    );
  }
  return parsePlan(text, file);
}
