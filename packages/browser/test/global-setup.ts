/** Builds the test page once, with Vite and the plugin of this package, from source; and makes a small model beside it. */

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRandom, float32, sizeOf } from '@patchslim/tensor';
import { canonicalShapes, writeSafetensors, type VitConfig } from '@patchslim/vit-models';
import { build, defaultClientConditions } from 'vite';
import type { TestProject } from 'vitest/node';
import { patchslim } from '../src/vite.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the page. */
    site: string;
    chromium: { executablePath: string | undefined; args: string[] };
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const site = await mkdtemp(join(tmpdir(), 'patchslim-page-'));
  await build({
    configFile: false,
    logLevel: 'error',
    root: fileURLToPath(new URL('page', import.meta.url)),
    resolve: { conditions: ['@patchslim/source', ...defaultClientConditions] },
    plugins: [patchslim()],
    build: { outDir: site, emptyOutDir: true, target: 'es2022' },
  });
  await mkdir(join(site, 'small'));
  await writeSafetensors(join(site, 'small/model.safetensors'), smallWeights(), {
    metadata: { num_attention_heads: '1' },
  });
  project.provide('site', site);
  return () => rm(site, { recursive: true, force: true });
}

/** 17 tokens, 2 blocks: fast enough on a software GPU for hundreds of runs. */
const smallConfig: VitConfig = {
  ...{
    name: 'custom',
    imageSize: 16,
    patchSize: 4,
    width: 64,
    depth: 2,
    heads: 1,
    mlpWidth: 128,
    classes: 5,
  },
  ...{ layerNormEps: 1e-6 },
};

function smallWeights() {
  const random = createRandom(1);
  const tensors = [...canonicalShapes(smallConfig)].map(([name, shape]) => {
    const values = Float32Array.from({ length: sizeOf(shape) }, () => random() - 0.5);
    return [name, float32(shape, values)] as const;
  });
  return new Map(tensors);
}
