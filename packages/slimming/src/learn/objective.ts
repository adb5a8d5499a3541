/** What a network learns: labels, a teacher's classes, a teacher's features, or a weighted sum of them. */

import { add, div, gather, int32, mul, sub, sum, type Tensor } from '@patchslim/tensor';
import { crossEntropy, distillation } from '@patchslim/training';
import {
  classify,
  embed,
  runBlocks,
  traceTokens,
  type BlockPlan,
  type VitNetwork,
} from '@patchslim/vit-models';

/** Weights of the parts; a part of weight 0 is not computed. */
export interface Objective {
  /** Cross-entropy with the labels. */
  readonly labels: number;
  /** Divergence from the teacher's classes. */
  readonly logits: number;
  /** Relative squared error of the tokens behind each block, against the teacher's. */
  readonly features: number;
  /** Label smoothing. */
  readonly smoothing: number;
}

export interface ObjectiveInputs {
  /** `[B, 3, S, S]`. */
  readonly images: Tensor;
  /** `int32 [B]`; needed when labels count. */
  readonly labels?: Tensor | undefined;
}

/** The scalar to make small. `teacher` is dense; it is needed when logits or features count. */
export function objectiveLoss(
  student: VitNetwork,
  plan: readonly BlockPlan[],
  teacher: VitNetwork | undefined,
  { images, labels }: ObjectiveInputs,
  weights: Objective,
): Tensor {
  const capture = weights.features > 0 ? (['input'] as const) : [];
  const own = runBlocks(student, embed(student, images), { plan, capture });
  const logits = classify(student, own.state);
  const parts: Tensor[] = [];
  if (weights.labels > 0) {
    parts.push(mul(crossEntropy(logits, labels!, { smoothing: weights.smoothing }), weights.labels));
  }
  if (teacher && (weights.logits > 0 || weights.features > 0)) {
    const dense = runBlocks(teacher, embed(teacher, images), { capture });
    if (weights.logits > 0) {
      parts.push(mul(distillation(logits, classify(teacher, dense.state)), weights.logits));
    }
    if (weights.features > 0) {
      const behind = (run: typeof own) => [
        ...run.captures.slice(1).map(({ input }) => input!),
        run.state.tokens,
      ];
      const error = featureError(student, plan, behind(own), behind(dense));
      parts.push(mul(error, weights.features));
    }
  }
  return parts.reduce((a, b) => add(a, b));
}

/** Mean over the blocks of `‖ẑ − z‖² / ‖z‖²` over the rows that a block computes. */
function featureError(
  { config }: VitNetwork,
  plan: readonly BlockPlan[],
  own: readonly Tensor[],
  dense: readonly Tensor[],
): Tensor {
  const errors = traceTokens(config, plan).map(({ kept }, block) => {
    const wanted = pick(dense[block]!, kept);
    const reached = pick(
      own[block]!,
      Array.from(kept, (_, row) => row),
    ); // rows computed come first
    return div(squaredNorm(sub(reached, wanted)), squaredNorm(wanted));
  });
  return mul(
    errors.reduce((a, b) => add(a, b)),
    1 / errors.length,
  );
}

const pick = (x: Tensor, rows: readonly number[]): Tensor =>
  rows.length === x.shape[1] && rows.every((row, i) => row === i)
    ? x
    : gather(x, x.backend.constant(int32([rows.length], rows)), 1);

const squaredNorm = (x: Tensor): Tensor => sum(mul(x, x), [0, 1, 2]);
