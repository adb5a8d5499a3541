/** Training loss: labels, a teacher's classes, a teacher's features, or a weighted sum of them. */

import {
  add,
  cast,
  div,
  gather,
  greater,
  int32,
  matMul,
  mul,
  range,
  stopGradient,
  sub,
  sum,
  type Tensor,
} from '@patchslim/tensor';
import {
  dependsOnImage,
  classify,
  embed,
  runBlocks,
  type BlockCapture,
  type BlockPlan,
  type CaptureKind,
  type VitNetwork,
} from '@patchslim/vit-models';

import { headOf } from '../head/head.js';

/** Weights of the parts. A part with weight 0 is not computed. */
export interface Objective {
  /** Cross-entropy with the labels. */
  readonly labels: number;
  /** KL divergence from the teacher's classes; of an encoder 1 − cosine to the teacher's embedding. */
  readonly logits: number;
  /** Relative squared error of the tokens after each block, against the teacher's. */
  readonly features: number;
  /** Label smoothing. */
  readonly smoothing: number;
}

export interface ObjectiveInputs {
  /** `[B, 3, S, S]`. */
  readonly images: Tensor;
  /** As the head of the student takes them (`Head.labelsOf`); required if labels have weight. */
  readonly labels?: Tensor | undefined;
}

/** The scalar loss. `teacher` is dense; it is required if logits or features have weight. */
export function objectiveLoss(
  student: VitNetwork,
  plan: readonly BlockPlan[],
  teacher: VitNetwork | undefined,
  { images, labels }: ObjectiveInputs,
  weights: Objective,
): Tensor {
  const capture: readonly CaptureKind[] = weights.features > 0 ? ['input'] : [];
  const own = runBlocks(student, embed(student, images), {
    plan,
    capture: weights.features > 0 && dependsOnImage(plan) ? [...capture, 'sources'] : capture,
  });
  const logits = classify(student, own.state);
  const head = headOf(student.config);
  const parts: Tensor[] = [];
  if (weights.labels > 0) {
    parts.push(mul(head.labelLoss(logits, labels!, { smoothing: weights.smoothing }), weights.labels));
  }
  if (teacher && (weights.logits > 0 || weights.features > 0)) {
    const dense = runBlocks(teacher, embed(teacher, images), { capture });
    if (weights.logits > 0) {
      parts.push(mul(head.distillationLoss(logits, classify(teacher, dense.state)), weights.logits));
    }
    if (weights.features > 0) {
      const behind = (run: typeof own) => [
        ...run.captures.slice(1).map(({ input }) => input!),
        run.state.tokens,
      ];
      const error = featureError(behind(own), behind(dense), own.captures);
      parts.push(mul(error, weights.features));
    }
  }
  return parts.reduce((a, b) => add(a, b));
}

/**
 * Mean over the blocks of `‖ẑ − z‖² / ‖z‖²` over the rows that a block computes. For a merged row, `z` is the mean of
 * the dense network's features at its positions, with the weights of the merge. The weights are constants, so that
 * the network does not learn to merge tokens with easy targets. A row that contains the fused rest is not a mean, and
 * has no target.
 */
function featureError(
  own: readonly Tensor[],
  dense: readonly Tensor[],
  captures: readonly BlockCapture[],
): Tensor {
  const errors = captures.map(({ tokens, sources }, block) => {
    const { reached, wanted } = tokens
      ? knownRows(own[block]!, dense[block]!, tokens.kept)
      : mixedRows(own[block]!, dense[block]!, stopGradient(sources!));
    return div(squaredNorm(sub(reached, wanted)), squaredNorm(wanted));
  });
  return mul(
    errors.reduce((a, b) => add(a, b)),
    1 / errors.length,
  );
}

interface Compared {
  readonly reached: Tensor;
  readonly wanted: Tensor;
}

function knownRows(own: Tensor, dense: Tensor, kept: readonly number[]): Compared {
  // Computed rows come first.
  return { reached: pick(own, range(kept.length)), wanted: pick(dense, kept) };
}

/** The weights of a mean sum to one, up to rounding. */
const wholeMean = 0.999;

/** @param sources `[B, n, N]` */
function mixedRows(own: Tensor, dense: Tensor, sources: Tensor): Compared {
  const isMean = cast(greater(sum(sources, -1, { keepDims: true }), wholeMean), 'float32');
  return { reached: mul(own, isMean), wanted: mul(matMul(sources, dense), isMean) };
}

const pick = (x: Tensor, rows: readonly number[]): Tensor =>
  rows.length === x.shape[1] && rows.every((row, i) => row === i)
    ? x
    : gather(x, x.backend.constant(int32([rows.length], rows)), 1);

const squaredNorm = (x: Tensor): Tensor => sum(mul(x, x), [0, 1, 2]);
