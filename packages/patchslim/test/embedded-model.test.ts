/** The embedded model on its images: what a clone without other data tries first. */

import { imageFolder, modelFolder } from '@patchslim/fashion-vit';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runMainJson } from './main.js';
import { temporaryFolder } from './tiny-model.js';

interface Evaluation {
  readonly images: number;
  readonly top1: number;
}

interface Slimmed {
  readonly macs: { readonly dense: number; readonly slimmed: number };
  readonly evaluation: { readonly dense: Evaluation; readonly slimmed: Evaluation };
  readonly paths: { readonly plan: string };
}

it('is the trained model, accurate on its images, and slims with little loss', async () => {
  const { macs, evaluation, paths } = await runMainJson<Slimmed>(
    ...['slim', 'custom', '--weights', fileURLToPath(modelFolder), '--data', fileURLToPath(imageFolder)],
    ...['--out', join(await temporaryFolder(), 'out'), '--images', '100'],
    ...['--method', 'patch-slimming', '--schedule', 'keep-ratio:0.8@5,7'],
  );
  expect(macs.slimmed).toBeLessThan(0.8 * macs.dense);
  expect(evaluation.dense.images).toBe(200);
  expect(evaluation.dense.top1).toBeGreaterThan(85); // more than two standard errors of 200 images below 90 %
  expect(evaluation.slimmed.top1).toBeGreaterThan(evaluation.dense.top1 - 5);
  const fingerprint = await fingerprintIn(paths.plan);
  expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
  expect(fingerprint).toBe(await fingerprintIn(new URL('train.json', modelFolder)));
});

async function fingerprintIn(path: string | URL): Promise<string> {
  const file = JSON.parse(await readFile(path, 'utf8')) as {
    fingerprint?: string;
    model?: { fingerprint: string };
  };
  return (file.model?.fingerprint ?? file.fingerprint)!;
}
