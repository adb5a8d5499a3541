/** The text of recorded models; a changed recording changes these lines. */

import { describe, expect, it } from 'vitest';
import { createTransformer, small } from '../test/transformer.js';
import { createOnnxRecorder, graphText } from './index.js';

describe('graphText', () => {
  it.each([
    ['runtime', undefined],
    ['portable', undefined],
    ['portable', 'dynamic'],
    ['webgpu', undefined],
  ] as const)('of a slimmed transformer, form %s, batch %s', async (form, batch) => {
    const recorder = createOnnxRecorder();
    const forward = createTransformer(recorder, { ...small, keep: 4 });
    const inputs = { patches: { shape: [2, small.tokens - 1, small.width], dtype: 'float32' } } as const;
    const text = graphText(recorder.record(forward, inputs, { form, batch }));
    const name = `${form}${batch === undefined ? '' : `-${batch}-batch`}`;
    await expect(text).toMatchFileSnapshot(`./__snapshots__/slimmed-transformer-${name}.txt`);
  });
});
