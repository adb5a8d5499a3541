/** Access to captures that an estimator declared in `needs`. */

import { PatchslimError, type Tensor } from '@patchslim/tensor';
import { rowPicker, type BlockCapture, type BlockTokens, type CaptureKind } from '@patchslim/vit-models';

/** The tensor of one capture, or an error that names what is missing. */
export function captured(capture: BlockCapture, kind: CaptureKind): Tensor {
  const tensor = capture[kind];
  if (tensor) return tensor;
  throw new PatchslimError(
    'INVALID_ARGUMENT',
    `score(): block ${capture.block} was run without capture '${kind}'`,
  );
}

/** The token positions around a block, or an error where they differ from image to image. */
export function tokensOf({ block, tokens }: BlockCapture): BlockTokens {
  if (tokens) return tokens;
  throw new PatchslimError(
    'INVALID_ARGUMENT',
    `score(): the tokens of block ${block} differ from image to image; score under a plan of 'dense' and 'keep' blocks`,
  );
}

/** Restricts scores `[B, n_in]` of the rows that reach a block to the rows that it computes: `[B, n_out]`. */
export function overKept(capture: BlockCapture, scores: Tensor): Tensor {
  const { input, kept } = tokensOf(capture);
  return rowPicker(scores.backend, input, kept)(scores);
}

/** Row of the class token among the rows a block computes. */
export function classRow(capture: BlockCapture): number {
  return tokensOf(capture).kept.indexOf(0);
}
