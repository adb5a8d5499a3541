/** `patchslim train`: a small vision transformer from scratch, on one of the small image sets. */

import { join } from 'node:path';
import { openSmallSet, pixelSet, smallSets, takePixels } from '@patchslim/datasets';
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
import { configOf, readRecipe, recipeHelp, recipeOptions } from '../train-recipe.js';
import { integer, noMoreArguments, oneOf, required, requiredArgument } from '../usage.js';

export const train = defineCommand({
  name: 'train',
  summary: 'Trains a small ViT on MNIST, Fashion-MNIST or CIFAR-10.',
  usage: 'train SET --data DIR --out DIR [--patch N] [--width N] [--depth N] [--heads N] [--epochs N] …',
  optionHelp: [
    ['SET', smallSets.map(({ name }) => name).join(', ')],
    ['--data DIR', 'folder with the official files of the set; missing ones are downloaded into it'],
    [
      '--out DIR',
      'folder for model.safetensors, config.json and train.json\nan interrupted run keeps its last epoch in DIR/progress; the same command goes on from there',
    ],
    ...recipeHelp,
    ['--limit N', 'train on the first N images only (all)'],
    ['--dtype F32|F16', 'type of the weights in the file (F32)'],
    backendHelp,
  ],
  example: 'train fashion-mnist --data data/fashion-mnist --out out --epochs 1 --limit 640',
  options: {
    backend: modelOptions.backend,
    data: { type: 'string' },
    out: { type: 'string' },
    ...recipeOptions,
    limit: { type: 'string' },
    dtype: { type: 'string', default: 'F32' },
  },
  async run(positionals, values, context) {
    noMoreArguments(positionals, 1);
    const set = findByName(smallSets, requiredArgument(positionals, 'SET'), 'image set');
    const [folder, out] = [required(values, 'data'), required(values, 'out')];
    const recipe = readRecipe(set.name, values);
    const config = configOf(recipe, set);
    const limit = values.limit === undefined ? undefined : integer('limit', values.limit, 1);
    const dtype = oneOf('dtype', values.dtype, ['F32', 'F16']);

    await makeFolder(out);
    const download = { folder, download: true, ...context };
    const hint = `to use files on this machine: put that file into ${folder}`;
    const pixels = await withDownloadHint(hint, openSmallSet(set.name, 'train', download));
    const test = await withDownloadHint(hint, openSmallSet(set.name, 'test', download));
    const preprocessing = augregPreprocessing(set.size, 1);
    const backend = await openBackendFor(values.backend, context);
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
      trainable: 'all',
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

async function paramsOf(source: string, config: VitConfig, context: CommandContext) {
  const checkpoint = await fromPretrained(source, context);
  return resizeParams(checkpoint.config, config, readParams(checkpoint.config, checkpoint.tensors));
}
