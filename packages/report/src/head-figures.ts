/** What the figures of a head are called: one class for each image, a yes or no to each class, or an embedding. */

import type { EmbeddingFigures, Evaluation } from '@patchslim/slimming';
import type { HeadActivation } from '@patchslim/vit-models';
import { kl } from './describe-step.js';
import { fixed, formatPercent } from './numbers.js';

/** The figures of an evaluation that are shares, with names for people. */
export interface FigureNames {
  readonly accuracy: readonly (readonly [name: string, figure: 'top1' | 'top5' | 'mAP'])[];
  readonly agreement: string;
}

/**
 * Names the figures of a head: top-1 and top-5, or mean average precision (mAP) where images may have several classes.
 * @example
 * figureNames('softmax').agreement; // 'same class as dense'
 */
export function figureNames(activation: HeadActivation): FigureNames {
  return activation === 'sigmoid'
    ? { accuracy: [['mAP', 'mAP']], agreement: 'same answer as dense, over all classes' }
    : {
        accuracy: [
          ['top-1', 'top1'],
          ['top-5', 'top5'],
        ],
        agreement: 'same class as dense',
      };
}

/** The activation of the head that an evaluation is of. */
export const activationOf = ({ perClass }: Pick<Evaluation, 'perClass'>): HeadActivation =>
  perClass ? 'sigmoid' : 'softmax';

/**
 * The figures of an encoder beside the dense network, as names and texts: none of a classifier.
 * @example
 * embeddingRows(evaluation); // [['cosine to dense, mean', '0.9921'], …]
 */
export function embeddingRows({
  embedding,
  divergence,
}: Pick<Evaluation, 'embedding' | 'divergence'>): (readonly [name: string, text: string])[] {
  return [
    ...(embedding ? cosineRows(embedding) : []),
    ...(divergence === undefined ? [] : [['KL of the zero-shot classes', kl(divergence)] as const]),
  ];
}

function cosineRows({ cosine, cosineP1, neighbour1, neighbours10 }: EmbeddingFigures) {
  const share = (name: string, value: number | undefined) =>
    value === undefined ? [] : [[name, formatPercent(value, undefined)] as const];
  return [
    ['cosine to dense, mean', fixed(cosine, 4)] as const,
    ['cosine to dense, first percentile', fixed(cosineP1, 4)] as const,
    ...share('same nearest image as dense', neighbour1),
    ...share('same 10 nearest images as dense', neighbours10),
  ];
}

/** A share and its interval, if it has one. */
export const shareOf = (evaluation: Evaluation, figure: 'top1' | 'top5' | 'mAP' | 'agreement') =>
  [evaluation[figure], figure === 'mAP' ? undefined : evaluation.intervals[figure]] as const;
