import type { Evaluation, Interval } from '@patchslim/slimming';
import { createPlan, figure5Counts, type PlanStep, type Provenance } from '@patchslim/slimming-schedules';
import { createRandom, shuffled } from '@patchslim/tensor';
import { createReducer, resolveBlocks } from '@patchslim/token-reducers';
import { densePlan, vitConfig, type BlockPlan, type Keys } from '@patchslim/vit-models';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { renderReport } from './render-report.js';
import { reportJson, type SlimReport } from './report.js';
import { summarizePlan } from './summary.js';

const config = vitConfig('deit-small');
const jpeg = await sharp({ create: { width: 32, height: 32, channels: 3, background: '#208040' } })
  .jpeg()
  .toBuffer();

describe('summarizePlan', () => {
  // DeiT-S with the counts of Fig. 5, in both readings of Eq. 2.
  test.each<[Keys, number]>([
    ['compact', 2_328_496_128],
    ['all', 2_659_236_096],
  ])('keys %s', (keys, slimmed) => {
    const { blocks, macs } = summarizePlan(config, nestedPlan(keys));
    expect(macs).toEqual({ dense: 4_598_882_304, slimmed, ratio: slimmed / 4_598_882_304 });
    expect(blocks.map(({ tokensKept }) => tokensKept)).toEqual(figure5Counts);
    expect(blocks.map(({ tokensIn }) => tokensIn)).toEqual(
      keys === 'all' ? Array(12).fill(197) : [197, ...figure5Counts.slice(0, -1)],
    );
    expect(blocks.map(({ block }) => block)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(new Set(blocks.map((block) => block.keys))).toEqual(new Set([keys]));
  });

  test('a dense block has the dense cost', () => {
    const { blocks, macs } = summarizePlan(config, densePlan(config));
    expect(blocks.every((block) => block.macs === block.denseMacs && block.keys === null)).toBe(true);
    expect(macs.ratio).toBe(1);
  });
});

describe('a head with a sigmoid', () => {
  const { evaluation, ...rest } = fullReport();
  const side = (
    { images, imagesPerSecond, decodeMs, inferMs }: Evaluation,
    figures: Partial<Evaluation>,
  ): Evaluation => ({
    ...{ images, imagesPerSecond, decodeMs, inferMs, perClass: {}, intervals: {} },
    ...figures,
  });
  const report = (dense: Partial<Evaluation>, slimmed: Partial<Evaluation>): SlimReport => ({
    ...rest,
    evaluation: {
      heldBack: true,
      dense: side(evaluation!.dense, dense),
      slimmed: side(evaluation!.slimmed, slimmed),
    },
  });

  test('has mAP and no top-1', () => {
    const page = renderReport(report({ mAP: 61.5 }, { mAP: 60, agreement: 97 }));
    expect(page).toContain('Mean average precision: 61.5 % dense, 60.0 % slimmed.');
    expect(page).toContain('−1.5 points');
    expect(page).toContain('same answer as dense, over all classes');
    expect(page).not.toContain('top-1 accuracy');
  });

  test('without labels has the answers that stay', () => {
    expect(renderReport(report({}, { agreement: 97 }))).toContain(
      '97.0 % of the answers, yes or no to each class, stay the same',
    );
  });
});

describe('a plan that ranks tokens', () => {
  const score = { name: 'predictor' as const, positions: Array<number>(197).fill(0), weights: [1, 2, 3] };
  const blocks = densePlan(config);
  blocks[4] = { kind: 'reduce', count: 50, reducer: createReducer('top-k', { score }) };
  const known = (value: number) => blocks.map(({ kind }) => (kind === 'reduce' ? value : null));
  const full = fullReport();
  const fitted = { step: 'fitted', score: 'impact', images: 256 } as const;
  const steps: PlanStep[] = [{ ...fitted, r2: known(0.75), staticR2: known(0.5) }];
  const plan = createPlan({ config, fingerprint: 'f' }, blocks, { ...origin, steps });
  const [example] = full.examples;

  test('counts tokens and multiply-accumulates', () => {
    const summary = summarizePlan(config, blocks);
    expect(summary.blocks[4]).toMatchObject({ tokensIn: 197, tokensKept: 50, keys: 'compact' });
    expect(summary.blocks[5]).toMatchObject({ tokensIn: 50, tokensKept: 50, keys: null });
  });

  test('is drawn per image', () => {
    const keeps = (first: number) =>
      blocks.map((_, block) =>
        Array.from({ length: block < 4 ? 197 : 50 }, (_, i) => [block < 4 || i === 0 ? i : first + i]),
      );
    const drawn = (first: number) =>
      renderReport({ ...full, plan, examples: [{ ...example!, kept: keeps(first) }] });
    expect(drawn(0)).not.toBe(drawn(60));
    const text = readText(drawn(60));
    expect(text).toContain('Clear: computed; covered: dropped. The plan chooses patches for each image.');
    expect(text).toContain('R² 0.75 on held-back ones, 0.50 from positions alone');
    expect(() => renderReport({ ...full, plan, examples: [example!] })).toThrow(
      /positions are known only at run time/,
    );
  });
});

describe('how the plan was made', () => {
  const pageOf = (provenance: Partial<Provenance>) => {
    const full = fullReport();
    const plan = { ...full.plan, provenance: { ...full.plan.provenance, ...provenance } };
    return renderReport({ ...full, plan });
  };

  test('steps stand in order, each as a sentence', () => {
    const html = pageOf({
      steps: [
        { step: 'scored', score: 'impact', deeperBlocks: 'dense', images: 1200 },
        {
          ...{ step: 'recovered', recovery: 'distill:epochs=4', from: 'f', images: 1200, judges: 150 },
          ...{ before: 0.25, after: 0.125, interval: [-0.2, -0.05] },
        },
      ],
    });
    expect(html).toContain(
      '<dt>steps</dt><dd><ol>' +
        '<li>score: impact, mean over 1,200 images, deeper blocks dense</li>' +
        '<li>distill:epochs=4 on 1,200 images: KL 0.2500 → 0.1250 on 150 others (95 % interval of the change −0.2000 to −0.0500)</li>' +
        '</ol></dd>',
    );
    expect(readText(html)).toContain('KL: how far the class probabilities are');
  });

  test('each method that was tried has a line', async () => {
    const html = pageOf({
      steps: [
        {
          ...{ step: 'chosen', images: 128 },
          candidates: [
            { method: 'ward', divergence: 0.0813, agreement: 91.4 },
            { method: 'mctf', divergence: 0.0876, agreement: 90.6 },
          ],
          refused: [{ method: 'tome', reason: 'block 3 leaves at least <98> of 197' }],
        },
      ],
    });
    expect(html).toContain(
      '<li>best method: ward (KL 0.0813 on 128 images; next: mctf, 0.0876)<ul>' +
        '<li>ward: KL 0.0813, same class as dense 91.4 %</li>' +
        '<li>mctf: KL 0.0876, same class as dense 90.6 %</li>' +
        '<li>tome: ruled out (block 3 leaves at least &lt;98&gt; of 197)</li>' +
        '</ul></li>',
    );
    await expectWellFormed(html);
  });

  test('images and steps that did not happen are not mentioned', () => {
    const html = pageOf({ images: undefined, steps: [] });
    expect(html).not.toContain('calibration data');
    expect(html).not.toContain('<dt>steps</dt>');
    expect(html).not.toContain('KL');
  });
});

describe('the legend of patches kept', () => {
  const legend = (blocks: BlockPlan[]) => {
    const full = fullReport();
    const kept = blocks.map(() => [[0], [1, 2]]);
    const [example] = full.examples;
    const plan = createPlan(model, blocks, origin);
    return readText(renderReport({ ...full, plan, examples: [{ ...example!, kept }] }));
  };

  test('fixed positions', () => {
    const same = 'The plan keeps the same patches of every image.';
    expect(legend(nestedPlan('compact'))).toContain(`Clear: computed; covered: dropped. ${same}`);
    expect(legend(nestedPlan('all'))).toContain(`Clear: computed; covered: not computed. ${same}`);
  });

  test('merged patches', () => {
    const blocks = densePlan(config);
    blocks[4] = { kind: 'reduce', count: 150, reducer: createReducer('ward', {}) };
    expect(legend(blocks)).toContain(
      'Clear: computed; outlined: merged; covered: dropped. The plan chooses patches for each image.',
    );
  });
});

describe('reportJson', () => {
  test('survives a round trip and holds no pixels', () => {
    const report = fullReport();
    const text = JSON.stringify(reportJson(report));
    const json = JSON.parse(text) as ReturnType<typeof reportJson>;
    expect(json).toEqual(reportJson(report));
    expect(json).toMatchObject({ format: 'patchslim-report', version: 1, macs: { slimmed: 2_328_496_128 } });
    expect(json.provenance).toEqual(report.plan.provenance);
    expect(json.evaluation).toEqual(report.evaluation);
    expect(json.examples).toEqual([
      { id: 'tench.jpg', label: 'tench', dense: 'tench', slimmed: 'goldfish' },
      { id: 'unlabelled.jpg' },
    ]);
    expect(text.length).toBeLessThan(4000);
  });

  test('does not mention an evaluation that was not made', () => {
    expect(reportJson({ ...fullReport(), evaluation: undefined })).not.toHaveProperty('evaluation');
  });
});

describe('renderReport', () => {
  test('is well-formed and asks for nothing outside itself', async () => {
    const html = renderReport(fullReport());
    await expectWellFormed(html);
    const addresses = [...html.matchAll(/\b(?:href|src)="([^"]*)"|url\(([^)]*)\)/g)].map(
      (match) => match[1] ?? match[2],
    );
    expect(addresses.length).toBeGreaterThan(0);
    expect(addresses.filter((address) => !/^(#|data:)/.test(address!))).toEqual([]);
    expect(html).not.toContain('<script');
    expect(html).not.toMatch(/undefined|NaN|\[object/);
  });

  test('states cost, accuracy, blocks and origin', () => {
    const html = renderReport(fullReport());
    const rows = readRows(html);
    expect(readText(html)).toContain(
      'One image costs 2.328 instead of 4.599 GMACs: 49.4 % fewer multiply-accumulates. ' +
        'Top-1 accuracy: 79.8 % (77.2–82.2) dense, 79.4 % (76.8–81.8) slimmed.',
    );
    const wide = ['79.8 % (77.2–82.2)', '79.4 % (76.8–81.8)'];
    expect(rows).toContainEqual(['top-1 accuracy', ...wide, '−0.4 (−1.5 to +0.7) points']);
    expect(rows).toContainEqual([
      'top-5 accuracy',
      '95.0 % (93.5–96.2)',
      '94.7 % (93.1–95.9)',
      '−0.3 points',
    ]);
    expect(rows).toContainEqual(['same class as dense', '–', '96.5 % (95.2–97.5)', '']);
    expect(rows).toContainEqual(['images', '1,000', '1,000', '']);
    expect(rows).toContainEqual(['images per second', '51.3', '104', '']);
    expect(html).not.toContain('×');
    expect(rows).toContainEqual(['1', '197', '197', 'compact', '378.4', '378.4', '100.0 %', '–']);
    expect(rows).toContainEqual(['12', '20', '1', 'compact', '7.4', '378.4', '2.0 %', '0.00340']);
    expect(rows.at(-1)!.slice(4)).toEqual(['2328.5', '4598.9', '50.6 %', '']);
    expect(html).toContain(`aria-label="Tokens kept per block, of 197: ${figure5Counts.join(', ')}"`);
    const bars = [...html.matchAll(/<rect [^>]*height="([\d.]+)" fill=/g)].map((match) => Number(match[1]));
    expect(bars.slice(0, 11).map((height) => Math.round((height / bars[0]!) * 197))).toEqual(
      figure5Counts.slice(0, 11),
    );
    expect(readText(html)).toContain('calibration data 256 images of photos, seed 3');
    expect(readText(html)).toContain('top-down search of 11 blocks: error in the next block at most 0.00340');
    expect(readText(html)).toContain('Measured on images that had no part in the plan.');
    expect(readText(html)).toContain(
      'Tokens include the class token. Keys compact: only computed tokens reach the next block. Error in next block: ',
    );
    expect(readText(html)).not.toContain('Keys all');
    expect(readText(html)).toContain('true class: tench dense: tench ✓ slimmed: goldfish ✗');
  });

  test('omits unknown values', () => {
    const { plan } = fullReport();
    const html = renderReport({
      plan: createPlan(model, resolveBlocks(plan.blocks), origin),
      config,
      examples: [],
    });
    expect(readText(html)).not.toContain('Accuracy');
    expect(readText(html)).not.toContain('Patches kept');
    expect(readRows(html)[0]).not.toContain('error in next block');

    const unlabelled = renderReport({
      ...fullReport(),
      evaluation: {
        heldBack: false,
        dense: figures(50, 10),
        slimmed: figures(50, 10, { agreement: 92 }, { agreement: [81.16, 96.84] }),
      },
    });
    expect(readRows(unlabelled).map(([first]) => first)).not.toContain('top-1 accuracy');
    expect(readText(unlabelled)).toContain('92.0 % (81.2–96.8) of 50 images keep their class.');
    expect(readText(unlabelled)).toContain('Measured on the images that the plan was made from');
  });

  test('hostile text stays text', async () => {
    const hostile = `"><img src=x onerror='alert(1)'>&\u0000\udfff\u202e`;
    const { plan } = fullReport();
    const html = renderReport({
      config,
      plan: createPlan(
        { config: { ...config, name: hostile }, fingerprint: hostile },
        resolveBlocks(plan.blocks),
        {
          ...origin,
          tool: hostile,
          method: hostile,
          schedule: hostile,
          images: { name: hostile, count: 1, seed: 0 },
          steps: [
            { step: 'scored', score: hostile, deeperBlocks: 'dense', images: 1 },
            {
              ...{ step: 'chosen', images: 1, refused: [{ method: hostile, reason: hostile }] },
              candidates: [{ method: hostile, divergence: 0.1, agreement: 90 }],
            },
          ],
        },
      ),
      examples: [{ id: hostile, jpeg, label: hostile, dense: hostile, slimmed: hostile }],
    });
    expect(html).not.toContain('<img');
    expect(html).not.toContain('\u0000');
    expect(html).not.toContain('\udfff');
    await expectWellFormed(html);
  });

  test('a distilled model, dense', async () => {
    const distilled = vitConfig('deit-tiny-distilled');
    const plan = createPlan({ config: distilled, fingerprint: 'f' }, densePlan(distilled), origin);
    const html = renderReport({ plan, config: distilled, examples: [{ id: 'a.jpg', jpeg }] });
    expect(readText(html)).toContain('198 tokens');
    expect(readText(html)).toContain('0.0 % fewer');
    await expectWellFormed(html);
  });
});

const model = { config, fingerprint: '0123456789abcdef' };

const origin: Provenance = {
  tool: 'patchslim 0.1.0',
  method: 'patch-slimming',
  schedule: 'counts:197,197,160',
  macs: { dense: 4_598_882_304, slimmed: 2_328_496_128 },
  images: { name: 'photos', count: 256, seed: 3 },
  steps: [{ step: 'scored', score: 'impact', deeperBlocks: 'slimmed', images: 256 }],
};

function fullReport(): SlimReport {
  const errors = [null, ...Array.from({ length: 11 }, () => 0.0034)];
  return {
    config,
    plan: createPlan(model, nestedPlan('compact'), {
      ...origin,
      steps: [...origin.steps, { step: 'top-down', errors }],
    }),
    evaluation: {
      heldBack: true,
      dense: figures(1000, 51.3, { top1: 79.8, top5: 95 }, { top1: [77.2, 82.2], top5: [93.5, 96.2] }),
      slimmed: figures(...([1000, 104, { top1: 79.4, top5: 94.7, agreement: 96.5 }] as const), {
        top1: [76.8, 81.8],
        top5: [93.1, 95.9],
        agreement: [95.2, 97.5],
      }),
      change: { top1: { mean: -0.4, interval: [-1.5, 0.7] } },
    },
    examples: [
      { id: 'tench.jpg', jpeg, label: 'tench', dense: 'tench', slimmed: 'goldfish' },
      { id: 'unlabelled.jpg', jpeg },
    ],
  };
}

type Share = 'top1' | 'top5' | 'agreement';

/** An evaluation with these shares of images and their intervals, percent. */
function figures(
  images: number,
  imagesPerSecond: number,
  shares: Partial<Record<Share, number>> = {},
  intervals: Partial<Record<Share, Interval>> = {},
): Evaluation {
  return { images, ...shares, intervals, imagesPerSecond, decodeMs: 1, inferMs: 1 };
}

/** Random nested sets of the sizes of Fig. 5. */
function nestedPlan(keys: Keys): BlockPlan[] {
  const patches = Array.from({ length: 196 }, (_, i) => i + 1);
  const order = [0, ...shuffled(patches, createRandom(7))];
  return figure5Counts.map((count) => ({ kind: 'keep', keep: order.slice(0, count), keys }));
}

/** A page that is XML but for its document type can be part of an SVG; sharp then reads it with a strict XML parser. */
async function expectWellFormed(html: string): Promise<void> {
  const wrap = (inner: string) =>
    sharp(
      Buffer.from(
        `<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><page xmlns="http://www.w3.org/1999/xhtml">${inner}</page></svg>`,
      ),
      { unlimited: true },
    ).metadata();
  const page = html.replace('<!DOCTYPE html>\n', '');
  await expect(wrap(page)).resolves.toMatchObject({ format: 'svg' });
  // Check that the parser is strict.
  await expect(wrap(page.replace('</body>', ''))).rejects.toThrow(/XML/);
}

/** Text of the cells of all rows of all tables. */
function readRows(html: string): string[][] {
  return [...html.matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row]) =>
    [...row!.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g)].map((cell) => cell[1]!),
  );
}

/** What a reader sees. */
function readText(html: string): string {
  return html
    .replace(/<style>.*?<\/style>/gs, '')
    .replace(/<\/?(?:bdi|b)>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');
}

test('an encoder is reported by its embedding', () => {
  const full = fullReport();
  const [dense, slimmed] = [full.evaluation!.dense, full.evaluation!.slimmed].map(
    ({ images, imagesPerSecond, decodeMs, inferMs }) => ({
      images,
      imagesPerSecond,
      decodeMs,
      inferMs,
      intervals: {},
    }),
  ) as [Evaluation, Evaluation];
  const embedding = { cosine: 0.96312, cosineP1: 0.8515, neighbour1: 73.5, neighbours10: 79.9 };
  const measured = { heldBack: true, dense, slimmed: { ...slimmed, embedding, divergence: 0.335 } };
  const html = renderReport({ ...full, evaluation: measured, examples: [] });
  expect(readText(html)).toContain('Cosine to the dense embedding: 0.9631, mean over 1,000 images.');
  const rows = readRows(html);
  expect(rows).toContainEqual(['cosine to dense, first percentile', '', '0.8515', '']);
  expect(rows).toContainEqual(['same 10 nearest images as dense', '', '79.9 %', '']);
  expect(rows).toContainEqual(['KL of the zero-shot classes', '', '0.3350', '']);
  expect(rows.map(([name]) => name)).not.toContain('top-1 accuracy');
});
