/** Every reducer, and `top-k` by every score, in a network like those of each family, against plain loops. */

import { runTimeScores } from '@patchslim/importance-estimators';
import { createRandom } from '@patchslim/tensor';
import { familyConfigs, plainReducerNames } from '@patchslim/testing';
import {
  prefixPositions,
  readsPatches,
  tokenCount,
  traceCounts,
  type BlockPlan,
  type VitConfig,
} from '@patchslim/vit-models';
import { describe, expect, it } from 'vitest';
import { pairCases, type EntryOf } from '../test/cases.js';
import { keepTop, reduce } from '../test/entries.js';
import { expectPlain, expectPlainLogits } from '../test/expect-plain.js';
import { randomImages, tinyConfig } from '../test/random-model.js';
import { reducers } from './index.js';

type Case = readonly [label: string, entryOf: (config: VitConfig) => EntryOf];

const random = createRandom(6);
const predictor = (config: VitConfig, count: number, rest?: 'fuse'): BlockPlan => {
  const positions = Array.from({ length: tokenCount(config) }, () => random());
  return reduce(count, 'top-k', { score: { name: 'predictor', positions, weights: [2, -1, 3, 1] }, rest });
};

const cases: readonly Case[] = [
  ...pairCases.map(([label, entryOf]): Case => [label, () => entryOf]),
  ...runTimeScores.flatMap(({ name }) =>
    [undefined, 'fuse' as const].map((rest): Case => [
      `top-k by ${name}${rest ? ', fusing the rest' : ''}`,
      (config) => (count) =>
        name === 'predictor' ? predictor(config, count, rest) : keepTop(count, rest, name),
    ]),
  ),
];

/** Shares of the patches that the blocks leave; in the last block 0 keeps the prefix tokens, if the head reads these alone. */
const sharesFor = (config: VitConfig) => [[0.75, 0.4], readsPatches(config) ? [1, 0.55] : [0.6, 0]];

function plansOf(config: VitConfig, entryOf: EntryOf): BlockPlan[][] {
  const prefix = prefixPositions(config);
  const patches = tokenCount(config) - prefix.length;
  return sharesFor(config).map((sequence) => {
    let reaching = prefix.length + patches;
    return sequence.map((share): BlockPlan => {
      if (share === 0) return { kind: 'keep', keep: prefix, keys: 'compact' };
      const count = prefix.length + Math.ceil(share * patches);
      const entry = entryOf(count, reaching);
      reaching = count;
      return entry;
    });
  });
}

it('every reducer has plain loops', () => {
  expect([...plainReducerNames].sort()).toEqual(reducers.map(({ name }) => name).sort());
});

describe.each<VitConfig>(familyConfigs)('in a network like $name', (whole) => {
  const config = { ...whole, depth: 2 };
  const images = randomImages(config, 2, 3);

  it.each(cases)('%s equals plain loops', async (_, entryOf) => {
    const plans = plansOf(config, entryOf(config));
    expect(plans).toHaveLength(2);
    for (const plan of plans) await expectPlainLogits(config, plan, { images });
  });

  it('no reducer leaves the head without a patch', () => {
    const none = prefixPositions(config).length;
    const plan = [keepTop(none), keepTop(none)];
    if (readsPatches(config)) {
      expect(() => traceCounts(config, plan)).toThrow('block 0 leaves no patch, and the head reads patches');
    } else expect(traceCounts(config, plan)[1]!.output).toBe(none);
  });
});

it('the probe attends through the last norm only where that is on the tokens', async () => {
  const siglip = familyConfigs.find(({ name }) => name === 'siglip')!;
  await expectPlainLogits({ ...siglip, lastNorm: 'pooled' }, [keepTop(7), keepTop(5), keepTop(3)]);
});

it('keeps forty registers, in their order, before any patch', async () => {
  const registers = Array.from({ length: 40 }, () => 'register' as const);
  const config: VitConfig = { ...tinyConfig, depth: 1, prefix: ['class', ...registers] };
  for (const entry of [keepTop(44), keepTop(43, 'fuse')]) await expectPlain(config, [entry]);
});
