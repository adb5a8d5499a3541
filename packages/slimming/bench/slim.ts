/** Cost of a plan: time relative to a dense pass over the same images, and memory by number of images. */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { predict } from '../src/index.js';
import { milliseconds, reportMeasurement, summarizeRatios, type RealData } from '@patchslim/testing';
import { batchSize, setUp, slimByImpact, type DeeperBlocks } from './setup.js';

const count = 256;
const rounds = 5;

export async function benchSlim(data: RealData): Promise<void> {
  const setup = await setUp(data, count);
  const ratios: Record<DeeperBlocks, number[]> = { dense: [], slimmed: [] };
  const measure = async (deeperBlocks: DeeperBlocks) => {
    const pass = await milliseconds(() => predict(setup.model, setup.images, { batchSize }));
    ratios[deeperBlocks].push((await milliseconds(() => slimByImpact(setup, deeperBlocks))) / pass);
  };
  await predict(setup.model, setup.images, { batchSize }); // warms caches and compiler
  for (let round = 0; round < rounds; round++) {
    await measure('dense');
    await measure('slimmed');
  }
  reportMeasurement({
    title: `slim by impact and counts over a dense pass, decoding included, ${count} images`,
    rounds,
    spread: 'least–most',
    sides: [
      summarizeRatios('deeper blocks dense', ratios.dense),
      summarizeRatios('deeper blocks slimmed', ratios.slimmed),
    ],
  });
  console.log('peak memory of the whole process');
  for (const deeperBlocks of ['dense', 'slimmed'] as const) {
    for (const images of [128, 512]) {
      console.log(
        `  deeper blocks ${deeperBlocks}, ${images} images   ${await peakMegabytes(deeperBlocks, images)} MB`,
      );
    }
  }
}

/** Runs in a separate process, started like this one. */
async function peakMegabytes(deeperBlocks: DeeperBlocks, images: number): Promise<string> {
  const program = fileURLToPath(new URL('peak-memory.ts', import.meta.url));
  const args = [...process.execArgv, program, deeperBlocks, String(images)];
  return (await promisify(execFile)(process.execPath, args)).stdout.trim();
}
