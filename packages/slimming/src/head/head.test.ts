/** Heads whose classes exclude each other, and heads with a sigmoid: probabilities, divergences, labels, figures. */

import { float32 } from '@patchslim/tensor';
import type { ImageBatch } from '@patchslim/datasets';
import { describe, expect, it } from 'vitest';
import { likeliest } from '../class-guess.js';
import { averagePrecision } from './average-precision.js';
import { classFigures } from './class-figures.js';
import { headOf } from './head.js';
import { targetsOf } from './targets.js';

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const several = { classes: 3, multiLabel: true };

describe('headOf', () => {
  it('is a softmax where classes exclude each other', () => {
    const head = headOf({ classes: 3 });
    const probabilities = head.probabilities(Float32Array.of(1, 2, 0.5));
    const weights = [1, 2, 0.5].map(Math.exp);
    weights.forEach((weight, c) => expect(probabilities[c]).toBeCloseTo(weight / total(weights), 9));
  });

  it.each([
    ['several labels for an image', several, [1, -2, 0.5]],
    ['one logit', { classes: 1 }, [1.375]],
  ])('is a sigmoid for %s', (_, config, logits) => {
    const head = headOf(config);
    expect(head.activation).toBe('sigmoid');
    const probabilities = head.probabilities(Float32Array.from(logits));
    logits.forEach((logit, c) => expect(probabilities[c]).toBeCloseTo(sigmoid(logit), 9));
  });

  it('has the sum of the divergences of the classes with a sigmoid', () => {
    const [teacher, student] = [
      [2, -1, 0.5],
      [1, 0, 0.5],
    ];
    const expected = total(
      teacher.map((t, c) => {
        const [p, q] = [sigmoid(t), sigmoid(student[c]!)];
        return p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q));
      }),
    );
    const divergence = (a: number[], b: number[]) =>
      headOf(several).divergence(Float32Array.from(a), Float32Array.from(b));
    expect(divergence(student, teacher)).toBeCloseTo(expected, 9);
    expect(divergence([800, -800, 0], [800, -800, 0])).toBe(0);
    expect(divergence([-800, 800, 0], [800, -800, 0])).toBeCloseTo(1600, 9);
  });
});

describe('likeliest', () => {
  const model = { config: several, labels: ['ant', 'bee', 'cat'] };

  it('gives the classes above a threshold, of which there may be none', () => {
    const logits = Float32Array.of(0.4, -3, 2);
    const names = (threshold: number) => likeliest(logits, model, { threshold }).map(({ label }) => label);
    expect(names(0.5)).toEqual(['cat', 'ant']);
    expect(names(0.7)).toEqual(['cat']);
    expect(names(0.9)).toEqual([]);
    expect(names(0)).toEqual(['cat', 'ant', 'bee']);
  });

  it('refuses thresholds that are no probabilities', () => {
    expect(() => likeliest(Float32Array.of(1, 1, 1), model, { threshold: 1.5 })).toThrow(
      /expected threshold from 0 to 1, got 1.5/,
    );
  });
});

describe('targets', () => {
  const batch = (labels: Pick<ImageBatch, 'labels' | 'labelSets'>): ImageBatch => ({
    images: float32([2, 1], [0, 0]),
    ids: ['a', 'b'],
    ...labels,
  });

  it('are the classes of each image', () => {
    expect(targetsOf(batch({ labelSets: [[2, 0], []] }), several, 'set')).toEqual(
      Uint8Array.of(1, 0, 1, 0, 0, 0),
    );
    expect(targetsOf(batch({ labels: Int32Array.of(1, 2) }), several, 'set')).toEqual(
      Uint8Array.of(0, 1, 0, 0, 0, 1),
    );
    expect(targetsOf(batch({}), several, 'set')).toBeUndefined();
  });

  it('of one logit are the labels, 1 and 0', () => {
    expect(targetsOf(batch({ labels: Int32Array.of(1, 0) }), { classes: 1 }, 'set')).toEqual(
      Uint8Array.of(1, 0),
    );
    expect(() => targetsOf(batch({ labels: Int32Array.of(2, 0) }), { classes: 1 }, 'set')).toThrow(
      /image 'a' of 'set' has label 2, but the model answers no \(0\) or yes \(1\)/,
    );
  });
});

describe('averagePrecision', () => {
  it.each([
    ['all positives first', [0.9, 0.8, 0.1, 0.05], [1, 1, 0, 0], 1],
    ['all positives last', [0.1, 0.2, 0.8, 0.9], [1, 1, 0, 0], (1 / 3 + 2 / 4) / 2],
    ['one between', [0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1], (1 + 2 / 3) / 2],
    ['equal scores as one threshold', [0.5, 0.5, 0.5, 0.5], [1, 0, 1, 0], 0.5],
    ['no positive', [0.5, 0.1], [0, 0], null],
  ])('of %s', (_, scores, targets, expected) => {
    if (expected === null) expect(averagePrecision(scores, targets)).toBeNull();
    else expect(averagePrecision(scores, targets)).toBeCloseTo(expected, 12);
  });
});

describe('classFigures', () => {
  const logits = Float32Array.of(1, -1, 2, /**/ -1, -1, 1, /**/ 0.5, 1, -2);
  const targets = Uint8Array.of(1, 0, 1, /**/ 0, 0, 1, /**/ 0, 0, 0);
  const reference = Float32Array.of(1, 1, 2, /**/ -1, -1, 1, /**/ -0.5, 1, 2);

  it('are those of each class and their mean', () => {
    const { mAP, agreement, perClass } = classFigures({ classes: 3, logits, targets }, { logits: reference });
    expect(perClass.averagePrecision).toEqual([100, null, 100]);
    expect(mAP).toBe(100);
    expect(perClass.agreement!.map((share) => share.toFixed(2))).toEqual(['66.67', '66.67', '66.67']);
    expect(agreement).toBeCloseTo(200 / 3, 9);
  });

  it('are left out without labels and without a reference', () => {
    expect(classFigures({ classes: 3, logits })).toEqual({ perClass: {} });
  });
});
