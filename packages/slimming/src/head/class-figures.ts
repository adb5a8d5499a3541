/** Figures of a head with a sigmoid, class by class. */

import { averagePrecision } from './average-precision.js';

/** What a head with a sigmoid said of images, and what is true of them. */
export interface ClassScores {
  /** `C`. */
  readonly classes: number;
  /** `[images, C]`. */
  readonly logits: Float32Array;
  /** 1 for each class that an image has by its labels, `[images, C]`; only if all images have labels. */
  readonly targets?: Uint8Array;
}

/** Percent, one value for each class. */
export interface ClassFigures {
  /** Average precision; null for a class that no image has. Only with labels. */
  readonly averagePrecision?: readonly (number | null)[];
  /** Images with the same answer as the reference; only with a reference. */
  readonly agreement?: readonly number[];
}

/** Figures of all classes together, percent, and of each. */
export interface MultiLabelFigures {
  /** Mean average precision over the classes that images have; only with labels. */
  readonly mAP?: number;
  /** Share of equal answers over all images and classes; only with a reference. */
  readonly agreement?: number;
  readonly perClass: ClassFigures;
}

/** An answer is yes from a probability of 0.5, which is a logit of 0. */
export const isYes = (logit: number): boolean => logit >= 0;

/** Summarises the scores of images. */
export function classFigures(
  { classes, logits, targets }: ClassScores,
  reference?: Pick<ClassScores, 'logits'>,
): MultiLabelFigures {
  const images = logits.length / classes;
  const each = <T>(of: (column: (values: ArrayLike<number>) => number[]) => T): T[] =>
    Array.from({ length: classes }, (_, c) =>
      of((values) => Array.from({ length: images }, (_, image) => values[image * classes + c]!)),
    );
  const precisions =
    targets &&
    each((column) => averagePrecision(column(logits), column(targets))).map((ap) => ap && 100 * ap);
  const agreements =
    reference &&
    each((column) => {
      const [own, theirs] = [column(logits), column(reference.logits)];
      return (100 * own.filter((logit, i) => isYes(logit) === isYes(theirs[i]!)).length) / images;
    });
  const known = precisions?.filter((ap) => ap !== null) ?? [];
  return {
    ...(known.length > 0 ? { mAP: mean(known) } : {}),
    ...(agreements ? { agreement: mean(agreements) } : {}),
    perClass: {
      ...(precisions ? { averagePrecision: precisions } : {}),
      ...(agreements ? { agreement: agreements } : {}),
    },
  };
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
