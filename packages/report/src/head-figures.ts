/** What the figures of a head are called: one class for each image, or a yes or no to each class. */

import type { Evaluation } from '@patchslim/slimming';
import type { HeadActivation } from '@patchslim/vit-models';

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

/** A share and its interval, if it has one. */
export const shareOf = (evaluation: Evaluation, figure: 'top1' | 'top5' | 'mAP' | 'agreement') =>
  [evaluation[figure], figure === 'mAP' ? undefined : evaluation.intervals[figure]] as const;
