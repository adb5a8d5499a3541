/** What decides between softmax and sigmoid, from the files to the config and back. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeWeights, smallConfig, smallWeights } from '../test/checkpoint-fixtures.js';
import { fromPretrained, headActivation, saveCheckpoint, vitConfig, withClasses } from './index.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchslim-head-'));
  await writeFile(join(folder, 'model.safetensors'), encodeWeights(smallWeights()));
});
afterAll(() => rm(folder, { recursive: true }));

const read = async (config: object) => {
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  return fromPretrained(folder, { heads: smallConfig.heads });
};

it('is a softmax, but for several labels and for one logit', () => {
  const config = vitConfig('deit-tiny');
  expect(headActivation(config)).toBe('softmax');
  expect(headActivation({ ...config, multiLabel: true })).toBe('sigmoid');
  expect(headActivation(withClasses(config, 1))).toBe('sigmoid');
  expect(headActivation(withClasses(config, 2))).toBe('softmax');
});

it('follows problem_type, which no fingerprint depends on', async () => {
  const plain = await read({ problem_type: 'single_label_classification' });
  expect(plain.config).toEqual(smallConfig);
  const several = await read({ problem_type: 'multi_label_classification' });
  expect(several.config).toEqual({ ...smallConfig, multiLabel: true });
  expect(several.fingerprint).toBe(plain.fingerprint);
  const regression = await read({ problem_type: 'regression' });
  expect(headActivation(regression.config)).toBe('softmax');
  expect(regression.remarks).toContain(
    'problem_type of config.json is regression: the outputs are read as logits of classes, as transformers does',
  );
});

it('is written beside the weights', async () => {
  const several = await read({ problem_type: 'multi_label_classification' });
  const saved = join(folder, 'saved');
  await saveCheckpoint(saved, several);
  expect(JSON.parse(await readFile(join(saved, 'config.json'), 'utf8'))).toMatchObject({
    problem_type: 'multi_label_classification',
  });
  expect(await fromPretrained(saved)).toMatchObject({ config: { multiLabel: true } });
});
