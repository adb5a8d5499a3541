/** The tasks on encoders, in Node: embeddings, patch tokens, a plan from images, what an inspection shows. */

import { readdir, readFile } from 'node:fs/promises';
import { imageFolder } from '@patchslim/fashion-vit';
import { createRandom, float32, sizeOf } from '@patchslim/tensor';
import { canonicalShapes, saveCheckpoint, deitPreprocessing, type VitConfig } from '@patchslim/vit-models';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTasks, type TaskTable } from '../src/create-tasks.js';

const size: VitConfig = {
  ...{ name: 'custom', imageSize: 32, patchSize: 8, width: 16, depth: 4, heads: 2, mlpWidth: 32 },
  ...{ classes: 16, layerNormEps: 1e-6 },
};
const encoders: readonly (readonly [name: string, config: VitConfig])[] = [
  ['with a projection', { ...size, classes: 6, projection: true, headBias: false }],
  ['without a head', { ...size, headless: true }],
  ['without a class token', { ...size, headless: true, prefix: [], pool: 'attention' }],
];

let folder: string;
let files: File[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchslim-tasks-'));
  const names = (await readdir(imageFolder, { recursive: true })).filter((name) => name.endsWith('.png'));
  const paths = names.sort().filter((_, i) => i % 20 === 0).slice(0, 16); // prettier-ignore
  files = await Promise.all(
    paths.map(async (path) => new File([await readFile(new URL(path, imageFolder))], path)),
  );
});
afterAll(() => rm(folder, { recursive: true }));

async function openTasks(config: VitConfig): Promise<TaskTable> {
  const random = createRandom(3);
  const tensors = [...canonicalShapes(config)].map(([name, shape]) => {
    const values = Float32Array.from({ length: sizeOf(shape) }, () => 1.2 * (random() - 0.5));
    return [name, float32(shape, values)] as const;
  });
  await saveCheckpoint(folder, { config, preprocessing: deitPreprocessing(32), tensors: new Map(tensors) });
  const tasks = createTasks();
  const opened = await tasks.open({ backends: ['native'], model: folder }, {});
  expect(opened.config).toEqual(config);
  return tasks;
}

describe.each(encoders)('an encoder %s', (_, config) => {
  it('is slimmed, embeds and is inspected', async () => {
    const tasks = await openTasks(config);
    const image = files[0]!;
    const result = await tasks.slim({ files, method: 'ward', schedule: 'budget:0.75' }, {});
    expect(result.slimmed.embedding!.cosine).toBeGreaterThan(0.5);
    expect(result.slimmed).not.toHaveProperty('agreement');
    const { plan } = result;

    const [dense, slimmed] = [await tasks.embed({ image }, {}), await tasks.embed({ image, plan }, {})];
    expect(slimmed).toHaveLength(config.classes);
    const seen = await tasks.inspect({ image, plan }, {});
    expect(seen).toMatchObject({ dense: [], slimmed: [] });
    const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
    const cosine = dot(dense, slimmed) / Math.sqrt(dot(dense, dense) * dot(slimmed, slimmed));
    expect(seen.cosine).toBeCloseTo(cosine, 5);

    const tokens = (config.prefix?.length ?? 1) + 16;
    const [middle, last] = await tasks.patchTokens({ image, plan, blocks: [1, 3] }, {});
    for (const each of [middle!, last!]) expect(each.tokens.shape).toEqual([tokens, config.width]);
    expect(last!.tokens.data).not.toEqual(middle!.tokens.data);
    await expect(tasks.classify({ image }, {})).rejects.toThrow(/has no classes; use embed/);
  });
});
