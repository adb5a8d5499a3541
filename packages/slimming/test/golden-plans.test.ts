/**
 * Plans and logits of every method and of every score on fixed inputs equal the recorded ones.
 * `PATCHSLIM_UPDATE_GOLDENS=1 npx vitest run golden-plans` records new ones; do this only if a method changed on
 * purpose.
 */

import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { makePlans, type GoldenPlan } from './golden-plans.js';

const file = fileURLToPath(new URL('golden/plans.json', import.meta.url));

const read = async () => JSON.parse(await readFile(file, 'utf8')) as GoldenPlan[];

it('are as recorded', async () => {
  const made = await makePlans();
  const placeOf = (name: string) => recorded.findIndex((plan) => plan.name === name) + 1 || Infinity;
  let recorded = await read();
  made.sort((a, b) => placeOf(a.name) - placeOf(b.name) || 0);
  if (process.env['PATCHSLIM_UPDATE_GOLDENS'] === '1') {
    await writeFile(file, `[\n${made.map((plan) => JSON.stringify(plan)).join(',\n')}\n]\n`);
    recorded = await read();
  }
  const without = (plans: readonly GoldenPlan[]) => plans.map((plan) => ({ ...plan, logits: [] }));
  expect(without(made)).toEqual(without(recorded));
  for (const [i, { name, logits }] of made.entries()) {
    const differences = logits.map((value, k) => Math.abs(value - recorded[i]!.logits[k]!));
    expect(Math.max(...differences), name).toBeLessThan(1e-5);
  }
});
