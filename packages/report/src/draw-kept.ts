/** The patches that each block keeps of one image: one small picture per group of blocks. */

import type { ComputedRows } from '@patchslim/slimming';
import {
  gridSize,
  isDistilled,
  prefixTokens,
  traceTokens,
  type BlockPlan,
  type VitConfig,
} from '@patchslim/vit-models';
import { plural } from './numbers.js';
import { drawing, element, escape } from './svg.js';

/** Consecutive blocks that compute the same rows. */
interface Panel {
  /** From 1. */
  readonly first: number;
  readonly last: number;
  readonly kept: ComputedRows;
}

const maxColumns = 6;
const gap = 14;
const captionHeight = 38;
// Paler than most photographs and darker than white, so that covered patches stand out.
const coverColor = '#c8d0d8';
const borderColor = '#ffffff';

/**
 * Draws the patches that each block keeps of an image. Clear: computed; outlined: merged; covered: not computed.
 *
 * @param jpeg the square crop that the model sees, at any size
 * @param options `title` of the drawing; `kept`: the rows that each block computes of this image, from `keptTokens`,
 *   for a plan that chooses tokens per image
 * @returns a self-contained SVG with the image embedded once
 * @throws PLAN_INVALID when the plan does not fit the model, or chooses tokens image by image and `kept` is missing
 * @example
 * await writeFile('kept.svg', drawKept(model.config, blocksFor(plan, model), await decodeThumbnail(file, preprocessing, 224)));
 */
export function drawKept(
  config: VitConfig,
  plan: readonly BlockPlan[],
  jpeg: Uint8Array,
  {
    title = 'Patches kept by each block',
    kept = traceTokens(config, plan).map((tokens) => tokens.kept.map((position) => [position])),
  }: { readonly title?: string; readonly kept?: readonly ComputedRows[] | undefined } = {},
): string {
  const panels = groupBlocks(kept);
  const rows = Math.ceil(panels.length / maxColumns);
  const columns = Math.ceil(panels.length / rows);
  // Whole pixels per patch keep the edges of covered patches sharp.
  const patch = Math.round(160 / gridSize(config)) || 1;
  const side = patch * gridSize(config);
  const photo = `patchslim-${hash(jpeg)}`;

  const cells = panels.map((panel, index) => {
    const x = (index % columns) * (side + gap);
    const y = Math.floor(index / columns) * (side + captionHeight);
    const name = blockName(panel);
    const tokens = tokensName(config, panel);
    return element(
      'g',
      { transform: `translate(${x} ${y})` },
      element('title', {}, escape(`${name}: ${tokens}`)),
      element('use', { href: `#${photo}` }),
      coverRemoved(config, panel.kept, patch),
      borders(config, panel.kept, patch),
      element('text', { y: side + 14, class: 'patchslim-ink', 'font-weight': 600 }, escape(name)),
      element('text', { y: side + 28, class: 'patchslim-faint', 'font-size': 11 }, escape(tokens)),
    );
  });
  return drawing(
    {
      width: columns * (side + gap) - gap,
      height: rows * (side + captionHeight),
      title,
      label: [title, ...panels.map((panel) => `${blockName(panel)}: ${tokensName(config, panel)}`)].join(
        '; ',
      ),
    },
    element(
      'defs',
      {},
      element('image', {
        id: photo,
        width: side,
        height: side,
        preserveAspectRatio: 'none',
        href: dataUri(jpeg),
      }),
    ),
    ...cells,
  );
}

function groupBlocks(keptByBlock: readonly ComputedRows[]): Panel[] {
  const panels: Panel[] = [];
  for (const [index, kept] of keptByBlock.entries()) {
    const before = panels.at(-1);
    if (before && rowNames(before.kept) === rowNames(kept)) {
      panels[panels.length - 1] = { ...before, last: index + 1 };
    } else panels.push({ first: index + 1, last: index + 1, kept });
  }
  return panels;
}

/** A text that is equal for the same rows in any order. */
const rowNames = (kept: ComputedRows): string =>
  kept
    .map((row) => row.join('+'))
    .sort()
    .join(' ');

/** Finds the row that holds a patch of `[G, G]`; `undefined` for a removed patch. */
function rowOfPatch(
  config: VitConfig,
  kept: ComputedRows,
): (row: number, column: number) => number | undefined {
  const rows = new Map(kept.flatMap((tokens, i) => tokens.map((token) => [token, i] as const)));
  return (row, column) => rows.get(prefixTokens(config) + row * gridSize(config) + column);
}

/** One path over the removed patches of `[G, G]`: a rectangle for each horizontal run, in units of a patch. */
function coverRemoved(config: VitConfig, kept: ComputedRows, patch: number): string {
  const grid = gridSize(config);
  const rowOf = rowOfPatch(config, kept);
  let path = '';
  for (let row = 0; row < grid; row++) {
    for (let column = 0; column < grid;) {
      const start = column;
      while (column < grid && rowOf(row, column) === undefined) column++;
      const run = column - start;
      if (run > 0) path += `M${start} ${row}h${run}v1h-${run}z`;
      else column++;
    }
  }
  if (path === '') return '';
  return element('path', {
    d: path,
    transform: `scale(${patch})`,
    fill: coverColor,
    'fill-opacity': 0.88,
    'shape-rendering': 'crispEdges',
  });
}

/** One path of borders between neighbouring patches of different rows; empty where no row holds several patches. */
function borders(config: VitConfig, kept: ComputedRows, patch: number): string {
  if (kept.every((tokens) => tokens.length < 2)) return '';
  const grid = gridSize(config);
  const rowOf = rowOfPatch(config, kept);
  let path = '';
  for (let row = 0; row < grid; row++) {
    for (let column = 0; column < grid; column++) {
      const own = rowOf(row, column);
      if (column + 1 < grid && rowOf(row, column + 1) !== own) path += `M${column + 1} ${row}v1`;
      if (row + 1 < grid && rowOf(row + 1, column) !== own) path += `M${column} ${row + 1}h1`;
    }
  }
  return element('path', {
    d: path,
    transform: `scale(${patch})`,
    class: 'patchslim-borders',
    fill: 'none',
    stroke: borderColor,
    'stroke-width': 1 / patch,
  });
}

function blockName({ first, last }: Panel): string {
  return first === last ? `block ${first}` : `blocks ${first}–${last}`;
}

function tokensName(config: VitConfig, { kept }: Panel): string {
  if (kept.length > prefixTokens(config)) return plural(kept.length, 'token');
  return isDistilled(config) ? 'class + distillation token' : 'class token only';
}

function dataUri(jpeg: Uint8Array): string {
  let binary = '';
  for (const byte of jpeg) binary += String.fromCharCode(byte);
  return `data:image/jpeg;base64,${btoa(binary)}`;
}

/** FNV-1a, 32 bits. Names an image by its bytes, so that two drawings on one page do not share an image. */
function hash(bytes: Uint8Array): string {
  let value = 0x811c9dc5;
  for (const byte of bytes) value = Math.imul(value ^ byte, 0x01000193);
  return (value >>> 0).toString(16).padStart(8, '0');
}
