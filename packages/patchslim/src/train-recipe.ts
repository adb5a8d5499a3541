/** How `train` trains: the options of its command line that decide the weights, and the model that they describe. */

import type { SmallSet } from '@patchslim/datasets';
import type { VitConfig } from '@patchslim/vit-models';
import type { Values } from './command.js';
import { integer, number, UsageError } from './usage.js';

export const recipeOptions = {
  patch: { type: 'string', default: '4' },
  width: { type: 'string', default: '64' },
  depth: { type: 'string', default: '6' },
  heads: { type: 'string', default: '2' },
  init: { type: 'string' },
  epochs: { type: 'string', default: '10' },
  batch: { type: 'string', default: '64' },
  rate: { type: 'string', default: '0.001' },
  'weight-decay': { type: 'string', default: '0.05' },
  smoothing: { type: 'string', default: '0.1' },
  shift: { type: 'string', default: '2' },
  'no-flip': { type: 'boolean', default: false },
  seed: { type: 'string', default: '0' },
} as const;

export const recipeHelp = [
  ['--patch N', 'side of a patch in pixels (4)'],
  ['--width N', 'channels of a token (64)'],
  ['--depth N', 'blocks (6)'],
  ['--heads N', 'attention heads (2)'],
  ['--init SOURCE', 'weights to begin with, of the same width and depth; their patches may be larger'],
  ['--epochs N', 'passes over the images (10)'],
  ['--batch N', 'images in each step (64)'],
  ['--rate X', 'highest learning rate (0.001)'],
  ['--weight-decay X', 'weight decay of AdamW (0.05)'],
  ['--smoothing X', 'label smoothing (0.1)'],
  ['--shift N', 'shift each image at random by up to N pixels (2)'],
  ['--no-flip', 'do not mirror images at random'],
  ['--seed N', 'seed of the first weights, the order of the images and their changes (0)'],
] as const;

export type Recipe = ReturnType<typeof readRecipe>;

/** Reads all that decides the weights, beside the images. @throws UsageError */
export function readRecipe(set: string, values: Values<typeof recipeOptions>) {
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
    flip: !values['no-flip'],
    seed: integer('seed', values.seed, 0),
  };
}

/** The model of a recipe. MLPs are four times as wide as tokens, as in DeiT. @throws UsageError */
export function configOf({ patch, width, depth, heads }: Recipe, set: SmallSet): VitConfig {
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
    layerNormEps: 1e-6,
  };
}
