/** `patchslim run`: classes of single images, and a picture of the patches kept. */

import { stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { decodeImage, decodeThumbnail, openImageFolder, tensorSet } from '@patchslim/datasets';
import { drawKept } from '@patchslim/report';
import { keptTokens } from '@patchslim/slimming';
import { float32, PatchslimError, runOnHost, softmax, throwIfAborted } from '@patchslim/tensor';
import { writeWhole } from '@patchslim/tensor/files';
import { densePlan, forward } from '@patchslim/vit-models';
import { classNames, labelsHelp, labelsOption } from '../class-names.js';
import { defineCommand, type CommandContext } from '../command.js';
import {
  backendHelp,
  modelOptions,
  openModel,
  planFor,
  planHelp,
  planOption,
  weightsHelp,
} from '../inputs.js';
import { integer, requiredArgument, UsageError } from '../usage.js';

export const run = defineCommand({
  name: 'run',
  summary: 'Classifies images and, if asked, draws which patches of the first one each block keeps.',
  usage: 'run MODEL IMAGE|DIR… [--weights SOURCE] [--plan FILE] [--draw FILE] [--top N] [--labels FILE]',
  optionHelp: [
    ['IMAGE|DIR', 'image files, and folders whose images are all taken'],
    weightsHelp,
    planHelp,
    ['--draw FILE', 'picture of the kept patches: .svg or .png'],
    ['--top N', 'classes to show (5)'],
    labelsHelp,
    backendHelp,
  ],
  example:
    'run deit-tiny cat.jpg --weights deit_tiny_patch16_224.safetensors --plan out/plan.json --draw cat.svg',
  options: {
    ...modelOptions,
    ...planOption,
    ...labelsOption,
    draw: { type: 'string' },
    top: { type: 'string', default: '5' },
  },
  async run(positionals, values, context) {
    const name = requiredArgument(positionals, 'MODEL');
    if (positionals.length < 2) throw new UsageError('IMAGE is missing');
    const top = integer('top', values.top, 1);
    const format = values.draw === undefined ? undefined : extname(values.draw);
    if (format !== undefined && format !== '.svg' && format !== '.png') {
      throw new UsageError(`--draw: expected a file name that ends in .svg or .png, got '${values.draw}'`);
    }
    const paths = await imagesIn(positionals.slice(1), context);
    const first = paths[0]!;
    const model = await openModel(name, values, context);
    const { backend } = model;
    const plan = await planFor(model, values.plan);
    const nameOf = await classNames(values.labels, model.labels);
    const shape = [1, 3, model.config.imageSize, model.config.imageSize];
    const program = await backend.compile(
      ({ images }) => ({ probabilities: softmax(forward(model, images, { plan }).logits) }),
      { images: { shape, dtype: 'float32' } },
    );
    const results: { image: string; classes: { index: number; name: string; probability: number }[] }[] = [];
    for (const path of paths) {
      throwIfAborted(context.signal, 'run');
      const images = float32(shape, await decodeImage(path, model.preprocessing));
      const { probabilities } = await runOnHost(backend, program, { images });
      results.push({
        image: path,
        classes: largest(probabilities.data, top).map((entry) => ({ ...entry, name: nameOf(entry.index) })),
      });
    }
    await program.dispose();
    if (values.draw !== undefined) {
      const jpeg = await decodeThumbnail(first, model.preprocessing, model.config.imageSize);
      const blocks = plan ?? densePlan(model.config);
      const pixels = float32(shape, await decodeImage(first, model.preprocessing));
      const [kept] = await keptTokens(model, tensorSet(first, pixels), { plan: blocks, batchSize: 1 });
      const svg = drawKept(model.config, blocks, jpeg, { kept });
      await writeWhole('run', values.draw, [format === '.png' ? await toPng(svg) : svg]);
    }
    return {
      json: { results, ...(values.draw === undefined ? {} : { drawing: values.draw }) },
      text: [
        ...results.flatMap(({ image, classes }) => [
          image,
          ...classes.map(
            ({ name: label, probability }) => `  ${(100 * probability).toFixed(1).padStart(5)} %  ${label}`,
          ),
        ]),
        ...(values.draw === undefined ? [] : ['', values.draw]),
      ].join('\n'),
    };
  },
});

/** Files as they are; of a folder its images. @throws DATA_INVALID for a folder without images; IO_FAILED; ABORTED */
async function imagesIn(paths: readonly string[], { signal }: CommandContext): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
    if (!isFolder) found.push(path);
    else found.push(...(await openImageFolder(path, { signal })).examples.map(({ id }) => join(path, id)));
  }
  return found;
}

function largest(values: ArrayLike<number>, count: number): { index: number; probability: number }[] {
  return Array.from(values, (probability, index) => ({ index, probability }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, count);
}

async function toPng(svg: string): Promise<Uint8Array> {
  try {
    const { default: sharp } = await import('sharp');
    return await sharp(Buffer.from(svg)).png().toBuffer();
  } catch (cause) {
    throw new PatchslimError(
      'IO_FAILED',
      'run: cannot turn the drawing into a PNG; name a file that ends in .svg',
      {},
      cause,
    );
  }
}
