/** Whether a preprocessing can be done. */

import { PatchslimError } from '@patchslim/tensor';
import type { Preprocessing, Resize } from '@patchslim/vit-models';
import { filters } from './filters.js';

/** Above it sizes are mistakes, and arrays of them would not fit into memory. */
const largestSide = 100_000;

/** Throws `INVALID_ARGUMENT` unless sizes are sizes and normalisation is defined. */
export function checkPreprocessing(preprocessing: Preprocessing): void {
  const { height, width, resize, interpolation, crop, fill, rounding, rescale, mean, std } = preprocessing;
  const check = (holds: boolean, expected: string, got: unknown): void => {
    if (holds) return;
    const shown = JSON.stringify(got) ?? String(got);
    throw new PatchslimError('INVALID_ARGUMENT', `preprocessing: expected ${expected}, got ${shown}`, {
      preprocessing,
    });
  };
  check(isSide(height), 'height to be an integer above 0', height);
  check(isSide(width), 'width to be an integer above 0', width);
  check(isResize(resize), 'resize to be to shortest, longest, exact or none, of sizes above 0', resize);
  const names = ['nearest', ...Object.keys(filters)];
  check(names.includes(interpolation), `interpolation to be one of ${names.join(', ')}`, interpolation);
  check(typeof crop === 'boolean', 'crop to be true or false', crop);
  check(['even', 'down'].includes(rounding), 'rounding to be even or down', rounding);
  check(isTriple(fill, isByte), 'fill to be three bytes', fill);
  check(Number.isFinite(rescale) && rescale !== 0, 'rescale to be finite and not zero', rescale);
  check(isTriple(mean, Number.isFinite), 'mean to be three finite numbers', mean);
  check(
    isTriple(std, (value) => Number.isFinite(value) && value !== 0),
    'std to be three finite numbers, none of them zero',
    std,
  );
}

function isResize(resize: Partial<Resize> | undefined): boolean {
  switch (resize?.to) {
    case 'none':
      return true;
    case 'exact':
      return isSide(resize.height) && isSide(resize.width);
    case 'longest':
      return isSide(resize.size);
    case 'shortest':
      return isSide(resize.size) && (resize.longest === undefined || isSide(resize.longest));
    case undefined:
    default:
      return false;
  }
}

const isSide = (value: number | undefined): boolean =>
  Number.isSafeInteger(value) && value! > 0 && value! <= largestSide;

const isByte = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 255;

const isTriple = (values: unknown, holds: (value: number) => boolean): boolean =>
  Array.isArray(values) && values.length === 3 && values.every((value: number) => holds(value));
