/** Models as published, with all blocks and whole images: the native backend gives what timm computes in float64. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { nightly } from '@patchslim/testing';
import { expect, it } from 'vitest';
import { checksumOf, goldenFamilyNames, readGoldenFamily } from '../../test/golden-families.js';
import { loadGolden, runGolden, wantedOf } from '../../test/run-golden.js';

/** Of numbers around 1: twelve blocks in float32 against float64. */
const tolerance = 1e-3;

/** 22 million weights take a few seconds; the other network, of 93 million, takes three times as long and runs at night. */
const daily = ['timm-dinov3-small'];

const largestDifference = (a: readonly number[], b: readonly number[]) =>
  a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);

const names = goldenFamilyNames('full-size').filter((name) => nightly || daily.includes(name));

it.each(names)('%s computes what timm computes', { timeout: 600_000 }, async (name) => {
  const golden = readGoldenFamily(name, 'full-size');
  expect(checksumOf(golden)).toBe(golden.checksum);
  const backend = await createOnnxBackend();
  const found = await runGolden(backend, await loadGolden(golden), golden);
  await backend.close();
  const wanted = wantedOf(golden);
  expect(found.output).toHaveLength(wanted.output.length);
  expect(found.tokens).toHaveLength(wanted.tokens.length);
  expect(largestDifference(found.output, wanted.output)).toBeLessThan(tolerance);
  expect(largestDifference(found.tokens, wanted.tokens)).toBeLessThan(tolerance);
});
