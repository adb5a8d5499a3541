/** The conformance suite of the tensor interface in Node, in every form; a model on one thread of onnxruntime-web. */

import { conformanceTests } from '@patchslim/tensor/conformance';
import { describe, expect, it } from 'vitest';
import { differenceFromReference } from '../test/against-reference.js';
import { exclusions } from '../test/exclusions.js';
import { createOnnxBackend, createOnnxWebBackend } from './index.js';

describe.each([
  ['native', () => createOnnxBackend({ threads: 1 }), []],
  ['native, portable form', () => createOnnxBackend({ form: 'portable', threads: 1 }), []],
  ['native, webgpu form', () => createOnnxBackend({ form: 'webgpu', threads: 1 }), []],
  ['wasm in Node', () => createOnnxWebBackend({ threads: 1 }), exclusions['web wasm']],
])('conformance of %s', async (_, open, excluded) => {
  const backend = await open();

  for (const test of conformanceTests(excluded)) {
    it(test.name, async () => {
      await test.run(backend);
      expect(backend.memory.liveTensors).toBe(0);
    });
  }
});

it('onnxruntime-web matches the reference on a slimmed transformer, on one thread', async () => {
  const backend = await createOnnxWebBackend({ threads: 1 });
  expect(await differenceFromReference(backend)).toBeLessThan(1e-4);
  await backend.close();
});
