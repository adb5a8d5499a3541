/** onnxruntime-web in a page on one thread: the conformance suite, and a model. */

import { conformanceTests } from '@patchslim/tensor/conformance';
import { describe, expect, it } from 'vitest';
import { differenceFromReference } from '../test/against-reference.js';
import { exclusions } from '../test/exclusions.js';
import { createOnnxWebBackend } from './index.js';

describe('conformance of wasm in Chromium', async () => {
  const backend = await createOnnxWebBackend({ threads: 1 });

  for (const test of conformanceTests(exclusions['web wasm'])) {
    it(test.name, async () => {
      await test.run(backend);
      expect(backend.memory.liveTensors).toBe(0);
    });
  }
});

it('matches the reference on a slimmed transformer, on one thread', async () => {
  const backend = await createOnnxWebBackend({ threads: 1 });
  expect(await differenceFromReference(backend)).toBeLessThan(1e-4);
  await backend.close();
});
