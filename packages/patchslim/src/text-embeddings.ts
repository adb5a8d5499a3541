/** The options that make a classifier of an encoder of images and text. */

import { parseClassNames } from '@patchslim/datasets';
import { readTextEmbeddings, type TextEmbeddings } from '@patchslim/slimming';
import { requireFittingText } from '@patchslim/slimming/internal';
import type { VitConfig } from '@patchslim/vit-models';
import { readBytes } from './files.js';
import { number, UsageError } from './usage.js';

export const textOptions = {
  'text-embeddings': { type: 'string' },
  'logit-scale': { type: 'string' },
} as const;

export const textHelp = [
  [
    '--text-embeddings FILE',
    'for encoders of images and text (CLIP, SigLIP): judge by zero-shot classification, with one embedding for each class\nsafetensors with one tensor [classes, D], or JSON { "name": [numbers] }',
  ],
  ['--logit-scale N', 'factor of the cosines before the softmax (100)'],
] as const;

/** Of `textOptions`. */
export interface TextValues {
  readonly 'text-embeddings'?: string | undefined;
  readonly 'logit-scale'?: string | undefined;
  /** File with the names of the classes. */
  readonly labels?: string | undefined;
}

/** Reads the file of `--text-embeddings`, if it was given, with the names of `--labels`. @throws UsageError; as `readTextEmbeddings` */
export async function openText(values: TextValues): Promise<TextEmbeddings | undefined> {
  const { 'text-embeddings': file, 'logit-scale': scale, labels } = values;
  if (file === undefined) {
    if (scale === undefined) return undefined;
    throw new UsageError('--logit-scale: it needs --text-embeddings');
  }
  const logitScale = scale === undefined ? undefined : number('logit-scale', scale, Number.MIN_VALUE);
  const text = await readTextEmbeddings(file, { logitScale });
  if (labels === undefined) return text;
  const names = parseClassNames(await readBytes(labels, 'the class names in'), labels, text.classes);
  return { ...text, names };
}

/** What the classes of the images are: those of the text embeddings, if there are any. @throws as `requireFittingText` */
export function classesOf<Model extends { readonly config: VitConfig; readonly labels?: readonly string[] }>(
  model: Model,
  text: TextEmbeddings | undefined,
) {
  if (!text) return model;
  requireFittingText(model.config, text);
  return { config: { classes: text.classes }, ...(text.names && { labels: text.names }) };
}
