/**
 * Draws public/kept.svg, the picture on the first page: which patches each block of a plan computes, and no image.
 * `npm run picture -w docs -- path/to/plan.json`
 */

import { readFile, writeFile } from 'node:fs/promises';
import { parsePlan } from '@patchslim/slimming-schedules';
import { resolveBlocks } from '@patchslim/token-reducers';
import { traceTokens, vitConfig, gridSize, prefixTokens } from '@patchslim/vit-models';

const cell = 8;
const square = `h${cell - 1}v${cell - 1}h${1 - cell}z`;
const columns = 6;
const gap = 16;
const caption = 22;

const source = process.argv[2];
if (source === undefined) throw new Error('usage: picture PLAN.json');
const plan = parsePlan(await readFile(source, 'utf8'), source);
const config = vitConfig(plan.model.name);
const grid = gridSize(config);
const side = grid * cell;

const blocks = traceTokens(config, resolveBlocks(plan.blocks)).map(({ kept }, block) => {
  const computed = new Set(kept.map((position) => position - prefixTokens(config)));
  const cells = (shown: (patch: number) => boolean) =>
    Array.from({ length: grid ** 2 }, (_, patch) => patch)
      .filter(shown)
      .map((patch) => `M${(patch % grid) * cell} ${Math.floor(patch / grid) * cell}${square}`)
      .join('');
  const shapes = [
    `<path fill="#8884" d="${cells((patch) => !computed.has(patch))}"/>`,
    `<path fill="#3451b2" d="${cells((patch) => computed.has(patch))}"/>`,
  ];
  const x = (block % columns) * (side + gap);
  const y = Math.floor(block / columns) * (side + caption + gap);
  const text = `<text y="${side + 15}">block ${block + 1}: ${kept.length}</text>`;
  return `<g transform="translate(${x} ${y})">${shapes.join('')}${text}</g>`;
});

const width = columns * (side + gap) - gap;
const height = Math.ceil(config.depth / columns) * (side + caption + gap) - gap;
const svg = [
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`,
  ` font-family="sans-serif" font-size="12" fill="#777" role="img">`,
  `<title>Tokens that each block of ${plan.model.name} computes</title>${blocks.join('\n')}</svg>\n`,
].join('');
await writeFile(new URL('../public/kept.svg', import.meta.url), svg);
