/** The command `slim`, the command `compare` and the worker of a page make the same plan of the same images, byte for byte. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTasks } from '@patchslim/browser/serve';
import { formatPlan } from '@patchslim/slimming-schedules';
import { expect, it } from 'vitest';
import { runMainJson } from './main.js';
import { temporaryFolder, tinyConfig, writeDifferentImages, writeTinyModel } from './tiny-model.js';

const methods = ['auto', 'patch-slimming'];
const schedule = 'budget:0.6';
const seed = 3;
const calibrate = 9;

/** The images of a folder as a page gets them: by `<input type="file" webkitdirectory>`. */
async function filesOf(folder: string, name: string): Promise<File[]> {
  const names = (await readdir(folder)).toSorted();
  return Promise.all(
    names.map(async (file) =>
      Object.defineProperty(new File([await readFile(join(folder, file))], file), 'webkitRelativePath', {
        value: `${name}/${file}`,
      }),
    ),
  );
}

it('slim, compare and the worker write equal plans', async () => {
  const folder = await temporaryFolder();
  const config = { ...tinyConfig, depth: 4 }; // three blocks cannot do with so little
  const weights = await writeTinyModel(join(folder, 'tiny.safetensors'), config);
  const images = await writeDifferentImages(join(folder, 'photos'), 20);
  const usual = ['--weights', weights, '--data', images, '--seed', String(seed)];
  usual.push('--images', String(calibrate));

  const compared = join(folder, 'compared');
  const listed = ['--methods', methods.join(','), '--schedules', schedule, '--runs', '0'];
  await runMainJson('compare', 'custom', ...usual, '--out', compared, ...listed);

  const tasks = createTasks();
  await tasks.open(
    { backends: ['native'], model: [new File([await readFile(weights)], 'tiny.safetensors')] },
    {},
  );
  const files = await filesOf(images, 'photos');

  const plans: string[] = [];
  for (const method of methods) {
    const out = join(folder, method);
    await runMainJson('slim', 'custom', ...usual, '--out', out, '--method', method, '--schedule', schedule);
    const plan = await readFile(join(out, 'plan.json'), 'utf8');
    expect(await readFile(join(compared, `${method}-${schedule.replace(':', '-')}.plan.json`), 'utf8')).toBe(
      plan,
    );
    const { plan: onPage } = await tasks.slim({ files, method, schedule, calibrate, seed }, {});
    expect(formatPlan(onPage)).toBe(plan);
    plans.push(plan);
  }
  expect(plans[0]).not.toBe(plans[1]);
  // Another draw of the images gives another plan: equality above says something.
  const { plan: other } = await tasks.slim(
    { files, method: 'patch-slimming', schedule, calibrate, seed: seed + 1 },
    {},
  );
  expect(other.blocks).not.toEqual((JSON.parse(plans[1]!) as typeof other).blocks);
});
