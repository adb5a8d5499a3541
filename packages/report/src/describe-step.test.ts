import type { PlanStep, PlanStepOf } from '@patchslim/slimming-schedules';
import { describe, expect, it, test } from 'vitest';
import { describeStep } from './describe-step.js';

test.each<[string, PlanStep]>([
  [
    'score: impact, mean over 256 images, deeper blocks slimmed',
    { step: 'scored', score: 'impact', deeperBlocks: 'slimmed', images: 256 },
  ],
  [
    'top-down search of 2 blocks: error in the next block at most 0.00340',
    { step: 'top-down', errors: [null, 0.0012, 0.0034] },
  ],
  ['top-down search: no block needed one', { step: 'top-down', errors: [null, null] }],
  [
    'predictors of impact fitted to 256 images: R² 0.75 on held-back ones, 0.50 from positions alone, means of 2 blocks',
    { step: 'fitted', score: 'impact', images: 256, r2: [null, 0.7, 0.8], staticR2: [null, 0.4, 0.6] },
  ],
  [
    'predictors of impact fitted to 8 images: R² −0.12 on held-back ones, 0.00 from positions alone',
    { step: 'fitted', score: 'impact', images: 8, r2: [null, -0.12], staticR2: [null, -0.001] },
  ],
  [
    'predictors of impact: no block needs one',
    { step: 'fitted', score: 'impact', images: 256, r2: [null], staticR2: [null] },
  ],
  [
    'time per image on native, batch 1: dense 18.2 ms (measured), slimmed 12.1 ms (predicted from block times)',
    { step: 'timed', backend: 'native', batch: 1, dense: 18.2, slimmed: 12.1 },
  ],
])('%s', (sentence, step) => {
  expect(describeStep(step)).toBe(sentence);
});

describe('a search', () => {
  const searched: PlanStepOf<'searched'> = {
    ...{ step: 'searched', images: 128, judges: 128, candidates: 88, taken: 'start' },
    start: { counts: [197, 99], divergence: 0.0813 },
    found: { counts: [180, 120], divergence: 0.06523 },
    interval: [-0.04012, 0.0079],
  };

  it('that found nothing significantly better', () => {
    expect(describeStep(searched)).toBe(
      '88 schedules tried on 128 images; none significantly better on 128 others (KL 0.0652 against 0.0813, 95 % interval of the change −0.0401 to 0.0079); default kept',
    );
  });

  it('that found something better', () => {
    expect(describeStep({ ...searched, interval: [-0.03, -0.00001], taken: 'found' })).toBe(
      '88 schedules tried on 128 images; the best is significantly better on 128 others (KL 0.0652 against 0.0813, 95 % interval of the change −0.0300 to −0.00001); taken',
    );
  });

  it('that found nothing better', () => {
    const { start } = searched;
    expect(describeStep({ ...searched, found: start, judges: 1, candidates: 1 })).toBe(
      '1 schedule tried on 128 images; none better; default kept (KL 0.0813 on 1 other)',
    );
  });
});

describe('a choice', () => {
  const ward = { method: 'ward', divergence: 0.0813, agreement: 91 };
  const mctf = { method: 'mctf', divergence: 0.08761, agreement: 90 };
  const chosen: PlanStepOf<'chosen'> = { step: 'chosen', images: 128, candidates: [ward, mctf], refused: [] };
  const tome = { method: 'tome', reason: 'block 3 leaves at least 98 of 197' };

  it('names the best method and the next', () => {
    expect(describeStep(chosen)).toBe('best method: ward (KL 0.0813 on 128 images; next: mctf, 0.0876)');
    expect(describeStep({ ...chosen, candidates: [ward] })).toBe(
      'best method: ward (KL 0.0813 on 128 images)',
    );
  });

  it('names the methods ruled out', () => {
    expect(describeStep({ ...chosen, candidates: [ward], refused: [tome] })).toBe(
      'best method: ward (KL 0.0813 on 128 images); 1 method ruled out: tome (block 3 leaves at least 98 of 197)',
    );
    expect(describeStep({ ...chosen, refused: [tome, { method: 'pool', reason: 'too few' }] })).toContain(
      '; 2 methods ruled out: tome (block 3 leaves at least 98 of 197); pool (too few)',
    );
  });
});

it('steps of an encoder speak of the cosine', () => {
  const measure = 'cosine' as const;
  const candidates = [{ method: 'ward', divergence: 0.0123 }];
  expect(describeStep({ step: 'chosen', measure, images: 8, candidates, refused: [] })).toBe(
    'best method: ward (1 − cosine 0.0123 on 8 images)',
  );
  const recovered = {
    step: 'recovered',
    measure,
    recovery: 'distill',
    from: 'f',
    images: 20,
    judges: 4,
  } as const;
  expect(describeStep({ ...recovered, before: 0.02, after: 0.01 })).toBe(
    'distill on 20 images: 1 − cosine 0.0200 → 0.0100 on 4 others',
  );
  const [start, found] = [{ counts: [9, 1], divergence: 0.03 }, { counts: [8, 2], divergence: 0.02 }]; // prettier-ignore
  const searched = {
    step: 'searched',
    measure,
    images: 20,
    judges: 4,
    candidates: 7,
    interval: [-0.02, -0.001],
  } as const;
  expect(describeStep({ ...searched, interval: [-0.02, -0.001], start, found, taken: 'found' })).toContain(
    '(1 − cosine 0.0200 against 0.0300,',
  );
});

describe('a recovery', () => {
  const recovered: PlanStepOf<'recovered'> = {
    ...{ step: 'recovered', recovery: 'distill:epochs=3', from: 'f', images: 1224, judges: 32 },
    ...{ before: 0.0813, after: 0.0512, interval: [-0.04, -0.02] },
  };

  it('that gained', () => {
    expect(describeStep(recovered)).toBe(
      'distill:epochs=3 on 1,224 images: KL 0.0813 → 0.0512 on 32 others (95 % interval of the change −0.0400 to −0.0200)',
    );
    expect(describeStep({ ...recovered, interval: undefined })).toMatch(/on 32 others$/);
  });

  it('that chose another one', () => {
    const auto = { ...recovered, recovery: 'auto' };
    const chosen = { recovery: 'distill:epochs=4', because: 'the plan chooses tokens image by image' };
    expect(describeStep({ ...auto, chosen })).toMatch(
      /^auto took distill:epochs=4, since the plan chooses tokens image by image; on 1,224 images: KL 0\.0813 → 0\.0512/,
    );
    const none = { recovery: 'none', because: '35 images are too few to learn from (200)' };
    expect(describeStep({ ...auto, after: auto.before, chosen: none })).toBe(
      'auto: weights unchanged, since 35 images are too few to learn from (200)',
    );
    expect(describeStep({ ...auto, recovery: 'auto+distill:epochs=3', chosen: none })).toMatch(
      /took none, since 35 images .* on 1,224 images: KL 0\.0813 → 0\.0512/,
    );
  });

  it('that gained nothing', () => {
    expect(describeStep({ ...recovered, after: 0.0813, interval: [0, 0] })).toBe(
      'distill:epochs=3 on 1,224 images: no gain on 32 others (KL 0.0813), weights unchanged; try a lower rate or more images',
    );
  });
});
