/** Counts of any program: products, elements, bytes, uncounted ops, and the text of a report. */

import {
  add,
  attention,
  conv2d,
  gelu,
  layerNorm,
  linear,
  matMul,
  named,
  reshape,
  softmax,
  transpose,
  unfold,
  type Specs,
  type Tensor,
} from '@patchslim/tensor';
import { vitConfig } from '@patchslim/vit-models';
import { describe, expect, it } from 'vitest';
import {
  conventions,
  countForward,
  countProgram,
  createCountingBackend,
  formatReport,
  fvcoreConvention,
  macsConvention,
  type Convention,
  type CostReport,
} from './index.js';

const spec = (...shape: number[]) => ({ shape, dtype: 'float32' as const });

/** Counts an op on inputs of the given shapes: `'8,16 16,4'` is a matrix [8, 16] and a matrix [16, 4]. */
function count(
  fn: (...inputs: Tensor[]) => Tensor,
  shapes: string,
  convention: Convention = macsConvention,
): CostReport {
  const inputs = shapes.split(' ').map((shape, i) => [`x${i}`, spec(...shape.split(',').map(Number))]);
  return countProgram(
    (_, tensors) => ({ y: fn(...Object.values(tensors)) }),
    Object.fromEntries(inputs) as Specs,
    convention,
  );
}

describe('matrix products', () => {
  it.each([
    ['plain', '8,16 16,4', {}, 512],
    ['a transposed', '16,8 16,4', { transposeA: true }, 512],
    ['b transposed', '8,16 4,16', { transposeB: true }, 512],
    ['both transposed', '16,8 4,16', { transposeA: true, transposeB: true }, 512],
    ['in a batch', '5,3,8,16 5,3,16,4', {}, 15 * 512],
    ['one for a batch', '5,3,8,16 16,4', {}, 15 * 512],
    ['broadcast both ways', '5,1,8,16 1,3,16,4', {}, 15 * 512],
    ['a transposed in a batch', '3,16,8 3,16,4', { transposeA: true }, 3 * 512],
  ])('%s', (_, shapes, options, macs) => {
    const report = count((a, b) => matMul(a, b, options), shapes);
    expect(report.macs).toBe(macs);
    expect(report.uncounted).toEqual({});
  });

  it('are counted inside composites', () => {
    const dense = count((x, w, b) => linear(x, w, b), '2,5,8 8,3 3');
    expect(dense.macs).toBe(2 * 5 * 8 * 3);
    expect(dense.uncounted).toEqual({ add: 1 });
    const fused = count(
      (x, w, b, y) => linear(x, w, b, { activation: 'gelu', residual: y }),
      '2,5,8 8,3 3 2,5,3',
    );
    expect(fused.macs).toBe(dense.macs);
    expect(fused.uncounted).toEqual({ add: 2, gelu: 1 });
    // 2 images, 5 queries, 7 keys, width 12: products with keys and with values.
    const attended = count((q, k, v) => attention(q, k, v, 3), '2,5,12 2,7,12 2,7,12');
    expect(attended.macs).toBe(2 * 2 * 5 * 7 * 12);
    expect(attended.uncounted).toEqual({ mul: 1, softmax: 1 });
  });

  it('are counted in a convolution, per pixel of its result; windows are free', () => {
    const steps = { stride: 2, padding: 1 };
    const report = count((x, w, b) => conv2d(x, w, b, steps), '2,3,9,7 5,3,3,3 5');
    expect(report.macs).toBe(2 * (5 * 4) * 5 * 3 * 3 ** 2);
    expect(report.uncounted).toEqual({ add: 1 });
    expect(count((x) => unfold(x, { kernel: 3, ...steps }), '2,3,9,7')).toMatchObject({
      macs: 0,
      uncounted: {},
    });
  });
});

describe('elements and bytes', () => {
  it('count elements written, and bytes read and written, call by call', () => {
    const report = countProgram((_, { a, b }) => ({ sum: add(transpose(matMul(a, b), [1, 0]), 1) }), {
      a: spec(2, 3),
      b: spec(3, 5),
    });
    // matMul 6 + 15 → 10, transpose 10 → 10, add 10 + a scalar → 10
    expect(report).toMatchObject({ macs: 30, elements: 30, bytes: 4 * (31 + 20 + 21) });
    expect(report.byOp).toEqual({
      matMul: { macs: 30, elements: 10, bytes: 124 },
      transpose: { macs: 0, elements: 10, bytes: 80 },
      add: { macs: 0, elements: 10, bytes: 84 },
    });
    expect(report.byPart).toEqual({ other: { macs: 30, elements: 30, bytes: 288 } });
  });

  it('follow the dtype', () => {
    const report = countProgram((_, { x }) => ({ y: reshape(x, [6]) }), {
      x: { shape: [2, 3], dtype: 'bool' },
    });
    expect(report).toMatchObject({ macs: 0, elements: 6, bytes: 12 });
  });

  it('are summed by the first part of the path', () => {
    const { byPart } = countProgram(
      (backend, { x }) => {
        const inner = named(backend, 'block', () => named(backend, 'mlp', () => matMul(x, x)));
        const outer = named(backend, 'block', () => matMul(inner, x));
        return { y: named(backend, 'head', () => matMul(outer, x)) };
      },
      { x: spec(4, 4) },
    );
    expect(Object.entries(byPart).map(([part, { macs }]) => [part, macs])).toEqual([
      ['block', 128],
      ['head', 64],
    ]);
  });
});

describe('conventions', () => {
  const program = (x?: Tensor, gamma?: Tensor, w?: Tensor) =>
    softmax(gelu(linear(layerNorm(x!, gamma!, gamma!, 1e-6), w!)));
  const shapes = '2,5,8 8 8,3';

  it('of papers count only matrix products, and list the uncounted ops', () => {
    const report = count(program, shapes);
    expect(report.macs).toBe(2 * 5 * 8 * 3);
    expect(report.uncounted).toEqual({ layerNorm: 1, gelu: 1, softmax: 1 });
  });

  it('of fvcore add 5 per element of a layer norm', () => {
    const report = count(program, shapes, fvcoreConvention);
    expect(report.macs).toBe(2 * 5 * 8 * 3 + 5 * 2 * 5 * 8);
    expect(report.uncounted).toEqual({ gelu: 1, softmax: 1 });
  });

  it('list the same uncounted ops of a DeiT as fvcore', () => {
    const config = vitConfig('deit-tiny');
    const { uncounted } = countForward(config, { convention: fvcoreConvention });
    expect(Object.keys(uncounted).sort()).toEqual(['add', 'gelu', 'mul', 'softmax']);
    expect(uncounted).toMatchObject({ gelu: 12, softmax: 12, mul: 12 });
    expect(countForward(config).uncounted).toMatchObject({ layerNorm: 25 });
  });

  it('sum to the same total by part and by op', () => {
    for (const convention of conventions) {
      const report = countForward(vitConfig('deit-tiny-distilled'), { convention });
      for (const split of [report.byPart, report.byOp]) {
        for (const kind of ['macs', 'elements', 'bytes'] as const) {
          expect(Object.values(split).reduce((sum, cost) => sum + cost[kind], 0)).toBe(report[kind]);
        }
      }
    }
  });
});

describe('the counting backend', () => {
  it('has no values to read', async () => {
    const backend = createCountingBackend();
    const x = backend.constant({ ...spec(2), data: Float32Array.of(1, 2) });
    await expect(x.data()).rejects.toMatchObject({ code: 'UNSUPPORTED_OP' });
  });

  it('checks shapes like any other backend', () => {
    const wrong = () => count((a, b) => matMul(a, b), '2,3 2,3');
    expect(wrong).toThrow(expect.objectContaining({ code: 'SHAPE_MISMATCH' }));
  });
});

describe('formatReport', () => {
  it('shows the total, parts and ops with their shares, and uncounted ops', () => {
    const report = countProgram(
      (backend, { x, w }) => {
        const hidden = named(backend, 'body', () => gelu(matMul(matMul(x, w), w)));
        return { y: named(backend, 'head', () => softmax(matMul(hidden, w))) };
      },
      { x: spec(100, 20), w: spec(20, 20) },
    );
    expect(formatReport(report)).toBe(
      [
        '120,000 MACs',
        '',
        'part    MACs   share',
        'body  80,000  66.7 %',
        'head  40,000  33.3 %',
        '',
        'op         MACs    share',
        'matMul  120,000  100.0 %',
        '',
        'not counted: gelu × 1, softmax × 1',
      ].join('\n'),
    );
  });

  it('names the unit of the convention, and omits empty sections', () => {
    const report = count((a, b) => matMul(a, b), '2,3 3,2', fvcoreConvention);
    const text = formatReport(report);
    expect(text.split('\n')[0]).toBe('12 fvcore flops');
    expect(text).not.toContain('not counted');
  });

  it('works for a program that computes nothing', () => {
    expect(formatReport(count((x) => reshape(x, [4]), '2,2'))).toContain('0.0 %');
  });
});
