/** A bar chart of the tokens that each block computes, in front of pale bars for the dense network. */

import { drawing, element, palette } from './svg.js';
import type { BlockSummary } from './summary.js';

const bar = { width: 40, gap: 14 };
const plot = { top: 18, height: 150, bottom: 34 };

/**
 * Draws how many tokens each block computes.
 *
 * @param tokens `N` of the dense network, drawn at full height
 * @returns a self-contained SVG
 */
export function drawCounts(blocks: readonly BlockSummary[], tokens: number): string {
  const counts = blocks.map(({ tokensKept }) => tokensKept).join(', ');
  const floor = plot.top + plot.height;
  const bars = blocks.map(({ block, tokensKept }, index) => {
    const x = index * (bar.width + bar.gap);
    const center = { x: x + bar.width / 2, 'text-anchor': 'middle' };
    // Even one token of hundreds must be visible.
    const height = Math.max(1.5, (plot.height * tokensKept) / tokens);
    return (
      element('rect', { x, y: plot.top, width: bar.width, height: plot.height, class: 'patchslim-ghost' }) +
      element('rect', { x, y: floor - height, width: bar.width, height, fill: palette[0] }) +
      element('text', { ...center, y: floor - height - 5, class: 'patchslim-ink' }, String(tokensKept)) +
      element('text', { ...center, y: floor + 15, class: 'patchslim-faint' }, String(block))
    );
  });
  const width = blocks.length * (bar.width + bar.gap) - bar.gap;
  return drawing(
    {
      width,
      height: floor + plot.bottom,
      title: 'Tokens kept per block',
      label: `Tokens kept per block, of ${tokens}: ${counts}`,
    },
    ...bars,
    element(
      'text',
      { x: width / 2, y: floor + 31, 'text-anchor': 'middle', class: 'patchslim-faint' },
      'block',
    ),
  );
}
