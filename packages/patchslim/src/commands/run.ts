/** `patchslim run`: classes of single images, and a picture of the patches kept. */

import { stat } from 'node:fs/promises';
import { extname, isAbsolute, join } from 'node:path';
import { decodeImage, decodeThumbnail, openImageFolder, tensorSet } from '@patchslim/datasets';
import { drawKept } from '@patchslim/report';
import { keptTokens, type ClassGuess } from '@patchslim/slimming';
import { createImageReader, likeliest } from '@patchslim/slimming/internal';
import { float32, isPatchslimError, PatchslimError, throwIfAborted } from '@patchslim/tensor';
import { writeWhole } from '@patchslim/tensor/files';
import {
  densePlan,
  givesEmbedding,
  headActivation,
  type BlockPlan,
  type VitModel,
} from '@patchslim/vit-models';
import { classNames, labelsHelp, labelsOption } from '../class-names.js';
import { defineCommand, type CommandContext } from '../command.js';
import { makeFolderOf } from '../files.js';
import {
  backendHelp,
  corruptOption,
  modelOptions,
  openModel,
  planFor,
  planHelp,
  planOption,
  readCorrupt,
  weightsHelp,
} from '../inputs.js';
import { integer, probability, requiredArgument, UsageError } from '../usage.js';

const usualTop = 5;
const usualThreshold = 0.5;

export const run = defineCommand({
  name: 'run',
  summary:
    'Classifies images, or embeds them where the model is an encoder, and, if asked, draws which patches of the first one each block keeps.',
  usage:
    'run MODEL IMAGE|DIR… [--weights SOURCE] [--plan FILE] [--draw FILE] [--top N] [--threshold P] [--labels FILE] …',
  optionHelp: [
    ['IMAGE|DIR', 'image files, and folders of images'],
    ...weightsHelp,
    planHelp,
    ['--draw FILE', 'picture of the kept patches of the first image: .svg or .png'],
    [
      '--corrupt fail|skip',
      'after the results of the others, end with status 1 for images that cannot be read (fail, the default), or leave them out (skip)',
    ],
    ['--top N', `classes to print for each image (${usualTop}); more where more reach the threshold`],
    [
      '--threshold P',
      `for models whose images may have several classes: probability from which an image has one (${usualThreshold})`,
    ],
    labelsHelp,
    backendHelp,
  ],
  example:
    'run deit-tiny cat.jpg --weights deit_tiny_patch16_224.safetensors --plan out/plan.json --draw cat.svg',
  options: {
    ...modelOptions,
    ...planOption,
    ...labelsOption,
    ...corruptOption,
    draw: { type: 'string' },
    top: { type: 'string' },
    threshold: { type: 'string' },
  },
  async run(positionals, values, context) {
    const name = requiredArgument(positionals, 'MODEL');
    if (positionals.length < 2) throw new UsageError('IMAGE is missing');
    const top = values.top === undefined ? undefined : integer('top', values.top, 1);
    const asked = values.threshold === undefined ? undefined : probability('threshold', values.threshold);
    requireDrawing(values.draw);
    const corrupt = readCorrupt(values.corrupt);
    const drawing = values.draw;
    if (drawing !== undefined) await makeFolderOf(drawing);
    const paths = await imagesIn(positionals.slice(1), context);
    const model = await openModel(name, values, context);
    const threshold = thresholdFor(model, asked);
    const plan = await planFor(model, values.plan);
    const names = classNames(model.config.classes, model.labels);
    const reader = createImageReader(model, plan);
    const isEncoder = givesEmbedding(model.config);
    const results: Result[] = [];
    const failed: { image: string; error: PatchslimError }[] = [];
    for (const image of paths) {
      throwIfAborted(context.signal, 'run');
      const pixels = await pixelsOf(image, model).catch((error: unknown) => {
        if (paths.length === 1 || !isAboutFile(error)) throw error;
        failed.push({ image, error });
      });
      if (!pixels) continue;
      const { logits, embedding } = await reader.read(pixels);
      const guesses = () => likeliest(logits, { ...model, labels: names }, { top: names.length });
      results.push({
        image,
        ...(isEncoder ? { embedding } : { classes: chosen(guesses(), top, threshold) }),
      });
    }
    await reader.dispose();
    const [first] = results;
    if (drawing !== undefined && first) {
      const svg = await drawingOf(first.image, model, plan ?? densePlan(model.config));
      await writeWhole('run', drawing, [extname(drawing) === '.png' ? await toPng(svg) : svg]);
    }
    const skips = corrupt === 'skip' && first !== undefined;
    if (skips) for (const { image, error } of failed) context.note(`left out ${image}: ${error.message}`);
    return {
      ...(failed.length > 0 && !skips && { status: 1, errors: failed.map(({ error }) => error) }),
      json: {
        ...(threshold === undefined ? {} : { threshold }),
        results: results.map(({ image, classes, embedding }) => ({
          image,
          ...(classes && { classes: classes.map((guess) => named(guess, threshold)) }),
          ...(embedding && { embedding: [...embedding] }),
        })),
        ...(failed.length > 0 && {
          failed: failed.map(({ image, error: { code, message } }) => ({ image, code, message })),
        }),
        ...(drawing !== undefined && first && { drawing }),
      },
      text: [
        ...results.flatMap(({ image, classes, embedding }) => [
          image,
          ...(classes ?? []).map((guess) => line(guess, threshold)),
          ...(embedding ? [`  embedding of ${embedding.length} numbers; --json prints them`] : []),
        ]),
        ...(drawing !== undefined && first ? ['', drawing] : []),
      ].join('\n'),
    };
  },
});

/** What an image gives: classes, or of an encoder an embedding. */
interface Result {
  readonly image: string;
  readonly classes?: readonly ClassGuess[];
  readonly embedding?: Float32Array;
}

/** Undefined where the classes exclude each other. @throws UsageError for a threshold that is then without use */
function thresholdFor({ config }: VitModel, asked: number | undefined): number | undefined {
  if (headActivation(config) === 'sigmoid') return asked ?? usualThreshold;
  if (asked === undefined) return undefined;
  throw new UsageError(
    givesEmbedding(config)
      ? '--threshold: the model is an encoder without classes'
      : '--threshold: the classes of this model exclude each other (softmax); use --top',
  );
}

/** Without `top`, the usual number, or all that reach the threshold. */
function chosen(
  guesses: readonly ClassGuess[],
  top: number | undefined,
  threshold: number | undefined,
): ClassGuess[] {
  const reaching = guesses.filter((guess) => reaches(guess, threshold)).length;
  return guesses.slice(0, top ?? Math.max(usualTop, reaching));
}

const reaches = ({ probability }: ClassGuess, threshold: number | undefined): boolean =>
  threshold !== undefined && probability >= threshold;

/** @throws UsageError */
function requireDrawing(path: string | undefined): void {
  if (path === undefined || ['.svg', '.png'].includes(extname(path))) return;
  throw new UsageError(`--draw: expected a file name that ends in .svg or .png, got '${path}'`);
}

/** Files as they are; of a folder its images. @throws DATA_INVALID for a folder without images; IO_FAILED; ABORTED */
async function imagesIn(paths: readonly string[], { signal, note }: CommandContext): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
    if (!isFolder) found.push(path);
    else {
      const { examples, remarks } = await openImageFolder(path, { signal });
      remarks?.forEach(note);
      found.push(...examples.map(({ id }) => (isAbsolute(id) ? id : join(path, id))));
    }
  }
  return found;
}

/** Whether one file is at fault, and others may do. */
const isAboutFile = (error: unknown): error is PatchslimError =>
  isPatchslimError(error, 'DATA_INVALID') ||
  isPatchslimError(error, 'NOT_FOUND') ||
  isPatchslimError(error, 'IO_FAILED');

/** `[1, 3, S, S]`, as the model wants it. */
async function pixelsOf(image: string, { config: { imageSize }, preprocessing }: VitModel) {
  return float32([1, 3, imageSize, imageSize], await decodeImage(image, preprocessing));
}

/** A class in the JSON of the command; where an image may have several, whether it has this one. */
const named = (guess: ClassGuess, threshold: number | undefined) => ({
  index: guess.index,
  name: guess.label,
  probability: guess.probability,
  ...(threshold === undefined ? {} : { present: reaches(guess, threshold) }),
});

/** A tick stands before the classes that reach the threshold. */
function line(guess: ClassGuess, threshold: number | undefined): string {
  const tick = threshold === undefined ? '' : reaches(guess, threshold) ? '✓ ' : '  ';
  return `  ${tick}${(100 * guess.probability).toFixed(1).padStart(5)} %  ${guess.label}`;
}

/** An SVG. */
async function drawingOf(image: string, model: VitModel, plan: readonly BlockPlan[]): Promise<string> {
  const { config, preprocessing } = model;
  const jpeg = await decodeThumbnail(image, preprocessing, config.imageSize);
  const [kept] = await keptTokens(model, tensorSet(image, await pixelsOf(image, model)), {
    plan,
    batchSize: 1,
  });
  return drawKept(config, plan, jpeg, { kept });
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
