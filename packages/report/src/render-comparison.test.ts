import type { Comparison } from '@patchslim/slimming';
import { describe, expect, it } from 'vitest';
import { plotComparison, renderComparison } from './render-comparison.js';

describe('the page of a comparison', () => {
  const images = 744;
  const methods = ['ward', 'ward', 'tome', 'tome'];
  const figures = methods.map((method, i) => {
    const macShare = [0.5, 0.75][i % 2]!;
    const macs = 1.2e9 * macShare;
    const intervals = { top1: [74.9, 80.8], agreement: [88.7, 92.9] } as const;
    return {
      method,
      schedule: `budget:${macShare}`,
      macs,
      macShare,
      agreement: 91,
      divergence: 0.06,
      intervals,
    };
  });
  const labels = { top1: 78, change: { mean: -1.4, interval: [-2.6, -0.2] as const } };
  const activation = 'softmax' as const;
  const labelled: Comparison = {
    images,
    activation,
    dense: { macs: 1.2e9, top1: 79.4, intervals: { top1: [76.3, 82.2] } },
    plans: figures.map((plan) => ({ ...plan, ...labels })),
  };

  it('has a row for each plan and a plot of each figure over the cost', () => {
    const page = renderComparison('deit-tiny, <images>', labelled);
    expect(page).toContain('deit-tiny, &lt;images&gt;');
    expect(page.match(/<tr>/g)).toHaveLength(6);
    expect(page).toContain('−1.4 (−2.6 to −0.2)');
    expect(page).toContain('78.0 % (74.9–80.8)');
    expect(page).toContain('79.4 % (76.3–82.2)');
    expect(page).toContain('91.0 % (88.7–92.9)');
    expect(page).toContain('A change is significant if its interval does not contain 0.');
    expect(page).toContain('KL: how far the class probabilities are');
    expect([...plotComparison('x', labelled).keys()]).toEqual(['accuracy-by-macs', 'agreement-by-macs']);
  });

  it('omits figures that need labels if there are none', () => {
    const plans = figures.map((plan) => ({ ...plan, speedup: 1.5, spread: [1.25, 1.75] as const }));
    const unlabelled = { images, activation, dense: { macs: 1.2e9, intervals: {} }, plans };
    expect(renderComparison('x', unlabelled)).not.toContain('top-1');
    expect(renderComparison('x', unlabelled)).toContain('1.50 × (1.25–1.75)');
    expect([...plotComparison('x', unlabelled).keys()]).toEqual(['agreement-by-macs', 'agreement-by-speed']);
  });

  it('has mAP and agreement over all classes for a head with a sigmoid', () => {
    const sigmoid: Comparison = {
      ...labelled,
      activation: 'sigmoid',
      dense: { macs: 1.2e9, mAP: 61.5, intervals: {} },
      plans: figures.map((plan) => ({ ...plan, mAP: 60.25 })),
    };
    const page = renderComparison('x', sigmoid);
    expect(page).toContain('>mAP</th>');
    expect(page).toContain('60.3 %');
    expect(page).toContain('same answer as dense, over all classes');
    expect(page).not.toContain('top-1');
    expect([...plotComparison('x', sigmoid).keys()]).toEqual(['accuracy-by-macs', 'agreement-by-macs']);
    expect([...plotComparison('x', sigmoid).values()].join()).toContain('mAP, %');
  });
});
