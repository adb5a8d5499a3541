/** Where the model's square lies in an image: torchvision's `Resize(int)` and `CenterCrop`, which DeiT and timm use. */

import { PatchslimError } from '@patchslim/tensor';
import type { Preprocessing } from '@patchslim/vit-models';

/** The size an image is resized to, and the corner of the crop in the resized image; all in pixels. */
export interface CropGeometry {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
}

/**
 * The resized size and the crop corner for an image of `width` × `height` pixels.
 *
 * The shorter side becomes `resize`, the longer one is cut to an integer, and an odd margin is rounded half to even,
 * as Python's `round` does: one pixel of shift would already be visible in the logits.
 */
export function cropGeometry(width: number, height: number, { resize, crop }: Preprocessing): CropGeometry {
  const shorter = Math.min(width, height);
  const resized = {
    width: width === shorter ? resize : Math.trunc((resize * width) / shorter),
    height: height === shorter ? resize : Math.trunc((resize * height) / shorter),
  };
  return {
    ...resized,
    left: roundHalfToEven((resized.width - crop) / 2),
    top: roundHalfToEven((resized.height - crop) / 2),
  };
}

/** Throws `INVALID_ARGUMENT` unless the crop fits into the resized image and normalisation is defined. */
export function checkPreprocessing({ resize, crop, interpolation, mean, std }: Preprocessing): void {
  const check = (holds: boolean, expected: string, got: unknown): void => {
    if (holds) return;
    const message = `preprocessing: expected ${expected}, got ${String(got)}`;
    throw new PatchslimError('INVALID_ARGUMENT', message, { resize, crop, interpolation, mean, std });
  };
  check(isPositiveInteger(crop), 'crop to be a positive integer', crop);
  check(
    isPositiveInteger(resize) && resize >= crop,
    `resize to be an integer of at least crop = ${crop}`,
    resize,
  );
  check((interpolation as string) === 'bicubic', "interpolation to be 'bicubic'", interpolation);
  check(mean.every(Number.isFinite), 'mean to be finite', mean);
  check(
    std.every((value) => Number.isFinite(value) && value !== 0),
    'std to be finite and not zero',
    std,
  );
}

function isPositiveInteger(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  return value - floor === 0.5 ? floor + (floor % 2) : Math.round(value);
}
