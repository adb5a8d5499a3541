/** `patchslim inspect`: what was understood of a checkpoint, before anything is computed with it. */

import {
  describePreprocessing,
  givesEmbedding,
  headActivation,
  isDistilled,
  parameterCount,
  tokenCount,
  type Checkpoint,
  type VitConfig,
} from '@patchslim/vit-models';
import { labelsHelp, labelsOption } from '../class-names.js';
import { defineCommand } from '../command.js';
import { customModel, loadCheckpoint, readingHelp, readingOptions } from '../inputs.js';
import { noMoreArguments, requiredArgument } from '../usage.js';

export const inspect = defineCommand({
  name: 'inspect',
  summary: 'Prints what was understood of weights: sizes, preprocessing, class names, and what was ignored.',
  usage: 'inspect SOURCE [--model NAME] [--heads N] [--entry NAME] [--labels FILE]',
  optionHelp: [
    [
      'SOURCE',
      'weights as for --weights: a file, a folder, an address or a hub id; or a name that `patchslim models` lists',
    ],
    ['--model NAME', 'the model that the weights must fit, instead of what their shapes say'],
    ...readingHelp,
    labelsHelp,
  ],
  example: 'inspect deit_tiny_patch16_224.safetensors',
  options: { model: { type: 'string', default: customModel }, ...readingOptions, ...labelsOption },
  async run(positionals, values, context) {
    noMoreArguments(positionals, 1);
    const weights = requiredArgument(positionals, 'SOURCE');
    const checkpoint = await loadCheckpoint(values.model, { ...values, weights }, context);
    const { config, preprocessing, source, fingerprint, ignored, labels, remarks = [] } = checkpoint;
    const steps = describePreprocessing(preprocessing).split(', ');
    return {
      json: {
        ...{ source, fingerprint, config, tokens: tokenCount(config), parameters: parameterCount(config) },
        activation: headActivation(config),
        ...{ preprocessing: { ...preprocessing, steps }, labels: labels ?? null, ignored, remarks },
      },
      text: describeCheckpoint(checkpoint, steps),
    };
  },
});

function describeCheckpoint(checkpoint: Checkpoint, steps: readonly string[]): string {
  const { config, labels, ignored, source, fingerprint, remarks = [] } = checkpoint;
  const side = config.imageSize / config.patchSize;
  const family = config.name === customModel ? 'a plain ViT that has no name here' : config.name;
  const rows: [string, string][] = [
    ['source', source],
    ['model', `${family}${isDistilled(config) ? ', with a distillation token and two heads' : ''}`],
    ['image', `${config.imageSize} × ${config.imageSize} pixels, RGB`],
    [
      'patches',
      `${config.patchSize} × ${config.patchSize} pixels, ${side} × ${side}; ${tokenCount(config)} tokens`,
    ],
    ['blocks', String(config.depth)],
    ['width', `${config.width} channels, ${config.mlpWidth} in the MLP`],
    ['attention heads', `${config.heads} of ${config.width / config.heads} channels`],
    ['LayerNorm eps', String(config.layerNormEps)],
    ['parameters', parameterCount(config).toLocaleString('en-US')],
    ...steps.map((step, i): [string, string] => [i === 0 ? 'preprocessing' : '', `${i + 1}. ${step}`]),
    ['classifier', describeHead(config)],
    ...(givesEmbedding(config) ? [] : [['class names', describeLabels(labels)] as [string, string]]),
    ['ignored', describeIgnored(ignored)],
    ...remarks.map((remark, i): [string, string] => [i === 0 ? 'remarks' : '', remark]),
    ['fingerprint', fingerprint],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}

function describeHead(config: VitConfig): string {
  if (config.projection)
    return `none: an encoder, which projects its features to embeddings of ${config.classes} numbers`;
  if (config.headless) return 'none: an encoder, which gives features';
  const classes = `${config.classes} ${config.classes === 1 ? 'class' : 'classes'}`;
  return headActivation(config) === 'softmax'
    ? `${classes}, of which an image has one (softmax)`
    : `${classes}, each of which an image may have (sigmoid)`;
}

function describeLabels(labels: readonly string[] | undefined): string {
  if (!labels) return 'none; give them with --labels FILE';
  const shown = labels.length <= 4 ? labels : [...labels.slice(0, 3), '…', labels.at(-1)!];
  return shown.map((label) => (label === '…' ? label : `'${label}'`)).join(', ');
}

/** Names that `fromPretrained` did not need; it refuses those that would change the result. */
function describeIgnored(ignored: readonly string[]): string {
  if (ignored.length === 0) return 'nothing';
  const more = ignored.length > 6 ? ` and ${ignored.length - 6} more` : '';
  return `${ignored.slice(0, 6).join(', ')}${more}: no weights of this network, which computes the same without them`;
}
