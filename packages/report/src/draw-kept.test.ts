import { createRandom, isPatchslimError, range, shuffled } from '@patchslim/tensor';
import { figure5Counts } from '@patchslim/slimming-schedules';
import {
  densePlan,
  gridSize,
  prefixTokens,
  tokenCount,
  vitConfig,
  type BlockPlan,
  type Keys,
} from '@patchslim/vit-models';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { drawKept } from './draw-kept.js';

const tiny = vitConfig('deit-tiny');
const jpeg = await solidJpeg('#c02020');

describe('drawKept', () => {
  test.each<[string, Keys]>([
    ['deit-tiny', 'compact'],
    ['deit-tiny', 'all'],
    ['deit-tiny-distilled', 'compact'],
    ['deit-base-384', 'compact'],
  ])('%s, keys %s: covers exactly the patches that a block does not compute', (name, keys) => {
    const config = vitConfig(name);
    const prefix = prefixTokens(config);
    const counts = figure5Counts.map((count) => count + prefix - 1);
    const plan = nestedPlan(name, counts, keys);
    const panels = readPanels(drawKept(config, plan, jpeg));
    const patches = gridSize(config) ** 2;

    const drawn = panels.map(({ covered }) => covered);
    // Blocks 1 and 2 keep the same tokens and share the first panel.
    const kept = plan.slice(1).map((block) => (block.kind === 'keep' ? block.keep : []));
    const expected = kept.map((keep) => {
      const present = new Set(keep.map((position) => position - prefix));
      return Array.from({ length: patches }, (_, patch) => patch).filter((patch) => !present.has(patch));
    });
    expect(drawn).toEqual(expected);
    expect(drawn.map((covered) => patches - covered.length + prefix)).toEqual(counts.slice(1));
  });

  test('names blocks and tokens, and says when only the class token is left', () => {
    const panels = readPanels(drawKept(tiny, nestedPlan('deit-tiny', figure5Counts), jpeg));
    expect(panels.map(({ texts }) => texts.join(' · '))).toEqual([
      'blocks 1–2 · 197 tokens',
      ...figure5Counts.slice(2, 11).map((count, index) => `block ${index + 3} · ${count} tokens`),
      'block 12 · class token only',
    ]);
    const distilled = nestedPlan('deit-tiny-distilled', Array<number>(12).fill(2));
    expect(readPanels(drawKept(vitConfig('deit-tiny-distilled'), distilled, jpeg))[0]!.texts).toEqual([
      'blocks 1–12',
      'class + distillation token',
    ]);
  });

  test('groups neighbours that keep the same tokens, in any order', () => {
    const plan = densePlan(tiny);
    plan[9] = { kind: 'keep', keep: [0, 5, 6], keys: 'compact' };
    plan[10] = { kind: 'keep', keep: [6, 0, 5], keys: 'compact' };
    plan[11] = { kind: 'keep', keep: [0, 5], keys: 'compact' };
    const names = readPanels(drawKept(tiny, plan, jpeg)).map(({ texts }) => texts[0]);
    expect(names).toEqual(['blocks 1–9', 'blocks 10–11', 'block 12']);
    expect(readPanels(drawKept(tiny, densePlan(tiny), jpeg)).map(({ texts }) => texts[0])).toEqual([
      'blocks 1–12',
    ]);
  });

  test('a dense block after one with all keys computes every patch again', () => {
    const plan = densePlan(tiny);
    plan[3] = { kind: 'keep', keep: [0, 1], keys: 'all' };
    const panels = readPanels(drawKept(tiny, plan, jpeg));
    expect(panels.map(({ covered }) => covered.length)).toEqual([0, 195, 0]);
  });

  test('embeds the image once, unchanged, under a name of its own', async () => {
    const plan = nestedPlan('deit-tiny', figure5Counts);
    const svg = drawKept(tiny, plan, jpeg);
    const embedded = [...svg.matchAll(/data:image\/jpeg;base64,([^"]+)/g)];
    expect(embedded).toHaveLength(1);
    expect(Buffer.from(embedded[0]![1]!, 'base64').equals(jpeg)).toBe(true);

    const id = (text: string) => / id="([^"]+)"/.exec(text)![1]!;
    expect(svg.split(`href="#${id(svg)}"`)).toHaveLength(11 + 1);
    expect(id(drawKept(tiny, plan, await solidJpeg('#2020c0')))).not.toBe(id(svg));
  });

  test('renders: kept patches show the image, covered ones are paler', async () => {
    const plan = densePlan(tiny);
    plan[11] = { kind: 'keep', keep: [0, 1, 196], keys: 'compact' };
    const svg = drawKept(tiny, plan, jpeg);
    const { data, info } = await sharp(Buffer.from(svg))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const side = (info.width - 14) / 2;
    const patch = side / 14;
    const colorAt = (column: number, row: number) => {
      const x = Math.round(side + 14 + (column + 0.5) * patch);
      const at = (Math.round((row + 0.5) * patch) * info.width + x) * info.channels;
      return [...data.subarray(at, at + 3)];
    };
    const [kept, last, covered] = [colorAt(0, 0), colorAt(13, 13), colorAt(7, 7)];
    expect(kept[0]).toBeGreaterThan(180);
    expect(kept[1]).toBeLessThan(45);
    expect(last).toEqual(kept);
    expect(covered[1]).toBeGreaterThan(150);
  });

  test('draws borders around what is computed as one, only where there is such', () => {
    const single = range(tokenCount(tiny)).map((token) => [token]);
    // The first two patches of the first row of 14 and the one below the first are merged; patch 5 is gone.
    const merged = [[0], [1, 2, 15], ...single.slice(3).filter(([token]) => token !== 15 && token !== 6)];
    const kept = [...Array<number[][]>(11).fill(single), merged];
    const svg = drawKept(tiny, densePlan(tiny), jpeg, { kept });
    const [plain, last] = [...svg.matchAll(/<g transform.*?<\/g>/g)].map(([panel]) => panel);
    expect(plain).not.toContain('patchslim-borders');
    const borders = / d="([^"]*)"[^>]*patchslim-borders/.exec(last!)![1]!;
    // Within the merged patches there is none; on their rims there is.
    expect(borders).not.toContain('M1 0v1');
    expect(borders).not.toMatch(/M0 1h1/);
    for (const rim of ['M2 0v1', 'M1 1v1', 'M0 2h1', 'M1 1h1']) expect(borders).toContain(rim);
    expect(readPanels(svg)[1]!.texts).toEqual(['block 12', '194 tokens']);
    expect(readPanels(svg)[1]!.covered).toEqual([5]);
  });

  test('takes any title', async () => {
    const title = `"><script>alert('1')</script>&\u0001\ud800.jpg`;
    const svg = drawKept(tiny, densePlan(tiny), jpeg, { title });
    expect(svg).not.toContain('<script>');
    expect(svg).toContain(
      '<title>&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;\ufffd\ufffd.jpg</title>',
    );
    await expect(sharp(Buffer.from(svg)).metadata()).resolves.toMatchObject({ format: 'svg', width: 154 });
  });

  test('refuses a plan for another depth', () => {
    expect.assertions(1);
    try {
      drawKept(tiny, densePlan(vitConfig('vit-large')), jpeg);
    } catch (error) {
      expect(isPatchslimError(error, 'PLAN_INVALID')).toBe(true);
    }
  });
});

/** A plan of random nested sets: every block keeps `counts[l]` tokens, prefix tokens first. */
function nestedPlan(name: string, counts: readonly number[], keys: Keys = 'compact'): BlockPlan[] {
  const config = vitConfig(name);
  const prefix = prefixTokens(config);
  const positions = Array.from({ length: tokenCount(config) }, (_, i) => i);
  const order = [...positions.slice(0, prefix), ...shuffled(positions.slice(prefix), createRandom(7))];
  // The counts are those of 197 tokens: what is more than that on a finer grid leaves in the first block.
  return counts.map((count) => ({ kind: 'keep', keep: order.slice(0, count), keys }));
}

/** What a drawing shows: per panel its captions, and the covered patches in reading order. */
function readPanels(svg: string): { texts: string[]; covered: number[] }[] {
  const side = Number(/<image [^>]*width="(\d+)"/.exec(svg)![1]);
  return [...svg.matchAll(/<g transform="translate[^>]*>(.*?)<\/g>/g)].map(([, panel]) => {
    const texts = [...panel!.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) => match[1]!);
    const scale = Number(/scale\((\d+)\)/.exec(panel!)?.[1] ?? 1);
    const grid = side / scale;
    const runs = [...(/ d="([^"]*)"/.exec(panel!)?.[1] ?? '').matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)];
    const covered = runs.flatMap(([, column, row, length]) =>
      Array.from({ length: Number(length) }, (_, i) => Number(row) * grid + Number(column) + i),
    );
    return { texts, covered };
  });
}

function solidJpeg(background: string): Promise<Buffer> {
  return sharp({ create: { width: 64, height: 64, channels: 3, background } })
    .jpeg()
    .toBuffer();
}
