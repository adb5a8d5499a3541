/** Synthetic images as sharp takes them (Node). */

import sharp, { type Sharp } from 'sharp';
import { drawPattern, type Pattern } from './pattern.js';

/** A pattern as sharp input, to be encoded. */
export function patternImage(pattern: Pattern): Sharp {
  const { data, width, height } = drawPattern(pattern);
  return sharp(data, { raw: { width, height, channels: 3 } });
}
