/** A search that is killed goes on where it was, on the embedded model and its images. Real processes. */

import { createRandom } from '@patchslim/tensor';
import { imageFolder, modelFolder } from '@patchslim/fashion-vit';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { bundlePatchslim } from './patchslim.js';
import { temporaryFolder } from './tiny-model.js';
import { endNow } from '@patchslim/testing/platform';
import { filesIn } from './watch-files.js';

const patchslim = bundlePatchslim();

const kills = 10;

const search = (out: string): string[] => [
  ...[
    'slim',
    'custom',
    '--weights',
    fileURLToPath(modelFolder),
    '--data',
    fileURLToPath(imageFolder),
    '--out',
    out,
  ],
  ...[
    '--method',
    'patch-slimming',
    '--images',
    '18',
    '--evaluate',
    '2',
    '--schedule',
    'top-down:tolerance=0.02,granularity=40',
  ],
  ...['--recover', 'block:epochs=1'],
];

/** What must not depend on how often the run was cut off. */
const results = (out: string): Promise<Buffer[]> =>
  Promise.all(['plan.json', 'model/model.safetensors'].map((file) => readFile(join(out, file))));

it(
  `killed at ${kills} random moments, ends with the plan and weights of an undisturbed run`,
  { timeout: 600_000 },
  async () => {
    const folder = await temporaryFolder();
    const whole = join(folder, 'whole');
    const began = performance.now();
    expect((await patchslim(search(whole))).status).toBe(0);
    let duration = performance.now() - began;
    const expected = await results(whole);

    const random = createRandom(1);
    let killed = 0;
    let resumed = 0;
    for (let attempt = 0; killed < kills; attempt++) {
      const out = join(folder, `killed-${attempt}`);
      let isFresh = true;
      for (let status: number | null = null; status !== 0;) {
        const start = performance.now();
        const moment = (0.3 + 0.6 * random()) * duration;
        const mayBeKilled = killed < kills;
        ({ status } = await patchslim(search(out), {
          whileRunning: (child) => mayBeKilled && setTimeout(() => endNow(child), moment),
        }));
        if (status === null) killed++;
        else expect(status).toBe(0);
        // The machine may have become faster since the run that was timed: then most would end before their moment.
        if (status === 0 && isFresh) duration = Math.min(duration, performance.now() - start);
        isFresh = false;
        if (status === null && (await filesIn(join(out, 'progress'))).length > 0) resumed++;
      }
      expect(await results(out)).toEqual(expected);
      expect(await filesIn(join(out, 'progress'))).toEqual([]);
    }
    expect(killed).toBe(kills);
    expect(resumed).toBeGreaterThan(0); // some of them had something to go on with
  },
);
