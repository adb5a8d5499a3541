/** Captures of a forward pass as the block view that scores read, with clear errors. */

import { mean, PatchslimError, slice, type Tensor } from '@patchslim/tensor';
import {
  prefixRoles,
  rowPicker,
  type BlockCapture,
  type BlockTokens,
  type BlockView,
  type CaptureKind,
  type VitConfig,
} from '@patchslim/vit-models';

/** The parts of a block's view that a score can read. The class token's attention is one row of attention. */
export type ViewPart = 'input' | 'values' | 'attention' | 'class-attention';

/** The capture that contains a part of the view. */
export const captureOf = (part: ViewPart): CaptureKind => (part === 'class-attention' ? 'attention' : part);

/**
 * Makes a block's view from its captures. `attention` has the rows that the block computes.
 *
 * @throws INVALID_ARGUMENT when the score reads a part that was not captured
 */
export function viewOf(capture: BlockCapture, config: VitConfig): BlockView {
  return {
    config,
    get positions() {
      return tokensOf(capture).input;
    },
    get tokens() {
      return captured(capture, 'input');
    },
    get rows() {
      return captured(capture, 'input');
    },
    get values() {
      return captured(capture, 'values');
    },
    get attention() {
      return captured(capture, 'attention');
    },
    get keys(): never {
      throw new PatchslimError(
        'INVALID_ARGUMENT',
        `score(): keys of block ${capture.block} are not captured`,
      );
    },
    classAttention() {
      const attention = captured(capture, 'attention');
      const position = prefixRoles(config).indexOf('class');
      if (position < 0) return mean(attention, 2, { keepDims: true });
      return slice(attention, [0, 0, tokensOf(capture).kept.indexOf(position), 0], [-1, -1, 1, -1]);
    },
  };
}

/** Returns the tensor of one capture. @throws INVALID_ARGUMENT when it is missing */
export function captured(capture: BlockCapture, kind: CaptureKind): Tensor {
  const tensor = capture[kind];
  if (tensor) return tensor;
  throw new PatchslimError(
    'INVALID_ARGUMENT',
    `score(): block ${capture.block} was run without capture '${kind}'`,
  );
}

/** Returns the token positions around a block. @throws INVALID_ARGUMENT when they differ between images */
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
