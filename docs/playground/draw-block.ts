/** Draws the patches that one block computes, or the attention of the class token, on a canvas. */

import type { ImagePixels } from '@patchslim/browser';
import type { PatchGroups } from './patch-groups.js';

export interface Drawing {
  /** The square crop that the model sees. */
  readonly crop: ImagePixels;
  /** Patches per side. */
  readonly grid: number;
}

const coverColor = 'rgb(200 208 216 / 0.9)';
const borderColor = 'rgb(255 255 255 / 0.95)';
const heatColor = [255, 106, 0] as const;

/** Dropped patches are covered; a merged row is filled with the mean of its patches and has a border. */
export function drawGroups(canvas: HTMLCanvasElement, { crop, grid }: Drawing, groups: PatchGroups): void {
  const context = startWith(canvas, crop);
  const side = canvas.width / grid;
  const fill = (patch: number, color: string) => {
    context.fillStyle = color;
    // Whole pixels avoid seams between neighbours.
    const [x, y] = [Math.round((patch % grid) * side), Math.round(Math.floor(patch / grid) * side)];
    context.fillRect(x, y, Math.round(x / side + 1) * side - x, Math.round(y / side + 1) * side - y);
  };
  const colors = mergedColors(crop, grid, groups);
  for (const [patch, row] of groups.rowOf.entries()) {
    if (row === -1) fill(patch, coverColor);
    else if (colors.has(row)) fill(patch, colors.get(row)!);
  }
  if (colors.size > 0) drawBorders(context, grid, side, groups.rowOf);
}

/**
 * A heat map of the class token's attention to each patch.
 * @param scores `[N]`, tokens before the patches first
 */
export function drawHeat(
  canvas: HTMLCanvasElement,
  { crop, grid }: Drawing,
  scores: Float32Array,
  prefixTokens: number,
): void {
  const context = startWith(canvas, crop);
  context.fillStyle = 'rgb(12 14 22 / 0.62)';
  context.fillRect(0, 0, canvas.width, canvas.height);
  const patches = scores.subarray(prefixTokens);
  const most = patches.reduce((largest, score) => Math.max(largest, score), Number.MIN_VALUE);
  const side = canvas.width / grid;
  for (const [patch, score] of patches.entries()) {
    context.fillStyle = `rgb(${heatColor.join(' ')} / ${((0.95 * score) / most).toFixed(3)})`;
    context.fillRect((patch % grid) * side, Math.floor(patch / grid) * side, side, side);
  }
}

/** The image in the size of the canvas; small images keep sharp pixels. */
function startWith(canvas: HTMLCanvasElement, crop: ImagePixels): CanvasRenderingContext2D {
  const context = canvas.getContext('2d')!;
  context.imageSmoothingEnabled = crop.width > 100;
  context.drawImage(toCanvas(crop), 0, 0, canvas.width, canvas.height);
  return context;
}

function toCanvas({ data, width, height }: ImagePixels): HTMLCanvasElement {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let channel = 0; channel < 3; channel++) rgba[pixel * 4 + channel] = data[pixel * 3 + channel]!;
  }
  canvas.getContext('2d')!.putImageData(new ImageData(rgba, width, height), 0, 0);
  return canvas;
}

/** Mean colour of each merged row. */
function mergedColors(
  { data, width }: ImagePixels,
  grid: number,
  { rowOf }: PatchGroups,
): Map<number, string> {
  const patch = width / grid;
  const sums = new Map<number, { color: [number, number, number]; patches: number }>();
  for (const [index, row] of rowOf.entries()) {
    if (row === -1) continue;
    const sum = sums.get(row) ?? { color: [0, 0, 0], patches: 0 };
    sum.patches++;
    const [left, top] = [(index % grid) * patch, Math.floor(index / grid) * patch];
    for (let y = 0; y < patch; y++) {
      for (let x = 0; x < patch; x++) {
        const at = ((top + y) * width + left + x) * 3;
        for (let channel = 0; channel < 3; channel++) sum.color[channel]! += data[at + channel]!;
      }
    }
    sums.set(row, sum);
  }
  const several = [...sums].filter(([, { patches }]) => patches > 1);
  return new Map(
    several.map(([row, { color, patches }]) => {
      const mean = color.map((value) => Math.round(value / (patches * patch * patch)));
      return [row, `rgb(${mean.join(' ')})`];
    }),
  );
}

/** Borders between neighbouring patches of different rows. */
function drawBorders(context: CanvasRenderingContext2D, grid: number, side: number, rowOf: Int32Array): void {
  context.strokeStyle = borderColor;
  context.lineWidth = Math.max(1, side / 14);
  context.beginPath();
  for (let y = 0; y < grid; y++) {
    for (let x = 0; x < grid; x++) {
      const own = rowOf[y * grid + x];
      if (x + 1 < grid && rowOf[y * grid + x + 1] !== own) line(context, (x + 1) * side, y * side, 0, side);
      if (y + 1 < grid && rowOf[(y + 1) * grid + x] !== own) line(context, x * side, (y + 1) * side, side, 0);
    }
  }
  context.stroke();
}

function line(context: CanvasRenderingContext2D, x: number, y: number, dx: number, dy: number): void {
  context.moveTo(x, y);
  context.lineTo(x + dx, y + dy);
}
