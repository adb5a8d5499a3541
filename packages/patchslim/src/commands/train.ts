/** `patchslim train`: a small vision transformer from scratch, on one of the small image sets. */

import { join } from 'node:path';
import { openSmallSet, pixelSet, smallSets, takePixels, type SmallSet } from '@patchslim/datasets';
import { evaluate, trainNetwork } from '@patchslim/slimming';
import { jobKey, openSaved, readProgress, writeProgress } from '@patchslim/slimming/internal';
import { findByName, range } from '@patchslim/tensor';
import { writeWhole } from '@patchslim/tensor/files';
import { adamW } from '@patchslim/training';
import {
  augregPreprocessing,
  createCheckpoint,
  disposeModel,
  fromPretrained,
  initParams,
  placeModel,
  readParams,
  resizeParams,
  saveCheckpoint,
  type VitConfig,
} from '@patchslim/vit-models';
import { defineCommand, type CommandContext } from '../command.js';
import { withDownloadHint } from '../download-hint.js';
import { makeFolder } from '../files.js';
import { backendHelp, openBackendFor, modelOptions } from '../inputs.js';
import { percent, table } from '../table.js';
import {
  asUsage,
  integer,
  noMoreArguments,
  number,
  oneOf,
  required,
  requiredArgument,
  UsageError,
} from '../usage.js';

export const train = defineCommand({
  name: 'train',
  summary: 'Trains a small ViT on MNIST, Fashion-MNIST or CIFAR-10.',
  usage: 'train SET --data DIR --out DIR [--patch N] [--width N] [--depth N] [--heads N] [--epochs N] …',
  optionHelp: [
    ['--data DIR', 'folder with the official files; what is missing is downloaded there'],
    ['--out DIR', 'folder for model.safetensors, config.json and train.json; a run that was cut off goes on'],
    ['--patch N', 'side of a patch in pixels (4)'],
    ['--width N', 'channels of a token (64)'],
    ['--depth N', 'blocks (6)'],
    ['--heads N', 'attention heads (2)'],
    ['--init SOURCE', 'weights to begin with, of the same width and depth; their patches may be larger'],
    ['--epochs N', 'passes over the images (10)'],
    ['--limit N', 'train on the first N images only'],
    ['--batch N', 'images per step (64)'],
    ['--rate X', 'peak of the learning rate (0.001)'],
    ['--weight-decay X', 'of AdamW (0.05)'],
    ['--smoothing X', 'label smoothing (0.1)'],
    ['--shift N', 'images are shifted by up to N pixels (2)'],
    ['--no-flip', 'images are not mirrored'],
    ['--dtype F32|F16', 'how weights are written (F32)'],
    ['--seed N', 'seed of weights, order and changes of the images (0)'],
    backendHelp,
  ],
  example: 'train fashion-mnist --data data/fashion-mnist --out out --epochs 1 --limit 640',
  options: {
    backend: modelOptions.backend,
    data: { type: 'string' },
    out: { type: 'string' },
    patch: { type: 'string', default: '4' },
    width: { type: 'string', default: '64' },
    depth: { type: 'string', default: '6' },
    heads: { type: 'string', default: '2' },
    init: { type: 'string' },
    epochs: { type: 'string', default: '10' },
    limit: { type: 'string' },
    batch: { type: 'string', default: '64' },
    rate: { type: 'string', default: '0.001' },
    'weight-decay': { type: 'string', default: '0.05' },
    smoothing: { type: 'string', default: '0.1' },
    shift: { type: 'string', default: '2' },
    'no-flip': { type: 'boolean', default: false },
    dtype: { type: 'string', default: 'F32' },
    seed: { type: 'string', default: '0' },
  },
  async run(positionals, values, context) {
    noMoreArguments(positionals, 1);
    const set = asUsage('set', () =>
      findByName(smallSets, requiredArgument(positionals, 'SET'), 'image set'),
    );
    const [folder, out] = [required(values, 'data'), required(values, 'out')];
    const recipe = readRecipe(set.name, values);
    const limit = values.limit === undefined ? undefined : integer('limit', values.limit, 1);
    const dtype = oneOf('dtype', values.dtype, ['F32', 'F16']);

    await makeFolder(out);
    const download = { folder, download: true, ...context };
    const hint = `to use files on this machine: put that file into ${folder}`;
    const pixels = await withDownloadHint(hint, openSmallSet(set.name, 'train', download));
    const test = await withDownloadHint(hint, openSmallSet(set.name, 'test', download));
    const preprocessing = augregPreprocessing(set.size, 1);
    const backend = await openBackendFor(values.backend, context);
    const config = configOf(recipe, set);
    const parts = { config, preprocessing, labels: set.classNames, source: `patchslim train ${set.name}` };
    const params = recipe.init
      ? await paramsOf(recipe.init, config, context)
      : initParams(config, recipe.seed);
    const start = placeModel(backend, await createCheckpoint({ ...parts, params }));

    const chosen =
      limit === undefined ? pixels : takePixels(pixels, range(Math.min(limit, pixels.labels.length)));
    const images = pixelSet(chosen, preprocessing);
    const saved = openSaved(join(out, 'progress'), () => jobKey(start, images, [recipe], context));
    const resume = await readProgress(saved, 'training');
    if (resume) context.note(`going on after epoch ${resume.epochs.length}`);
    const { params: trained, epochs } = await trainNetwork(start, images, {
      ...context,
      objective: { labels: 1, logits: 0, features: 0, smoothing: recipe.smoothing },
      learning: 'all',
      epochs: recipe.epochs,
      batchSize: recipe.batch,
      rate: recipe.rate,
      optimizer: adamW({ weightDecay: recipe.weightDecay }),
      clip: 1,
      augment: { flip: recipe.flip, shift: recipe.shift },
      seed: recipe.seed,
      resume,
      onEpoch: async ({ epoch, loss }, progress) => {
        context.note(`epoch ${epoch}: loss ${loss.toFixed(4)}`);
        await writeProgress(saved, 'training', progress);
      },
    });
    disposeModel(start);

    await saveCheckpoint(out, await createCheckpoint({ ...parts, params: trained }), { dtype });
    // Evaluated as it was written: F16 rounds.
    const model = placeModel(backend, await fromPretrained(out, context));
    const evaluation = await evaluate(model, pixelSet(test, preprocessing), {
      ...context,
      batchSize: recipe.batch,
    });
    const paths = { model: out, log: join(out, 'train.json') };
    const log = {
      recipe,
      images: chosen.labels.length,
      config,
      fingerprint: model.fingerprint,
      epochs,
      test: evaluation,
    };
    await writeWhole('train', paths.log, [`${JSON.stringify(log, null, 2)}\n`]);
    await saved.remove();
    return {
      json: { ...log, paths },
      text: table([
        ['epochs', String(epochs.length)],
        ['last loss', epochs.at(-1)!.loss.toFixed(4)],
        [`top-1 on ${evaluation.images} test images`, percent(evaluation.top1)],
        ['model', out],
      ]),
    };
  },
});

type Recipe = ReturnType<typeof readRecipe>;

/** All that decides the weights, beside the images. */
function readRecipe(set: string, values: Readonly<Record<RecipeOption, string>> & RecipeFlags) {
  return {
    set,
    patch: integer('patch', values.patch, 1),
    width: integer('width', values.width, 1),
    depth: integer('depth', values.depth, 1),
    heads: integer('heads', values.heads, 1),
    init: values.init,
    epochs: integer('epochs', values.epochs, 1),
    batch: integer('batch', values.batch, 1),
    rate: number('rate', values.rate, 0),
    weightDecay: number('weight-decay', values['weight-decay'], 0),
    smoothing: number('smoothing', values.smoothing, 0),
    shift: integer('shift', values.shift, 0),
    flip: values['no-flip'] !== true,
    seed: integer('seed', values.seed, 0),
  };
}

type RecipeOption =
  | 'patch'
  | 'width'
  | 'depth'
  | 'heads'
  | 'epochs'
  | 'batch'
  | 'rate'
  | 'weight-decay'
  | 'smoothing'
  | 'shift'
  | 'seed';

interface RecipeFlags {
  readonly init?: string | undefined;
  readonly 'no-flip'?: boolean | undefined;
}

/** MLPs are as wide as in DeiT, four times the tokens. */
function configOf({ patch, width, depth, heads }: Recipe, set: SmallSet): VitConfig {
  if (set.size % patch !== 0)
    throw new UsageError(`--patch: expected a divisor of ${set.size}, got ${patch}`);
  if (width % heads !== 0)
    throw new UsageError(`--heads: expected a divisor of the width ${width}, got ${heads}`);
  return {
    name: set.name,
    imageSize: set.size,
    patchSize: patch,
    width,
    depth,
    heads,
    mlpWidth: 4 * width,
    classes: set.classNames.length,
    distilled: false,
    layerNormEps: 1e-6,
  };
}

async function paramsOf(source: string, config: VitConfig, context: CommandContext) {
  const checkpoint = await fromPretrained(source, context);
  return resizeParams(checkpoint.config, config, readParams(checkpoint.config, checkpoint.tensors));
}
