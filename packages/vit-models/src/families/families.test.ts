/** Every family under every set of names: what its own library computes from the same weights. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { describe, expect, it } from 'vitest';
import { goldenFamilyNames, readGoldenFamily } from '../../test/golden-families.js';
import { loadGolden, runGolden, wantedOf } from '../../test/run-golden.js';
import { fromPretrained } from '../checkpoint/from-pretrained.js';
import { samePreprocessing } from '../checkpoint/hub/same-preprocessing.js';
import { saveCheckpoint } from '../checkpoint/save-checkpoint.js';
import { givesEmbedding } from '../head-activation.js';

/** Largest deviation of float32 here from float64 there. */
const tolerance = 2e-5;

const near = (data: readonly number[]) =>
  data.map((value) => expect.closeTo(value, -Math.log10(2 * tolerance)) as number);

/** `DeiTForImageClassification` has a distillation token and no head for it. */
const refused = ['hf-deit', 'hf-deit-v5'];
const accepted = goldenFamilyNames().filter((name) => !refused.includes(name));

describe.each(accepted)('%s', (name) => {
  const golden = readGoldenFamily(name);

  it('computes what its library computes', async () => {
    const backend = createReferenceBackend();
    const found = await runGolden(backend, await loadGolden(golden), golden);
    await backend.close();
    const wanted = wantedOf(golden);
    expect(found.output).toEqual(near(wanted.output));
    expect(found.tokens).toEqual(near(wanted.tokens));
  });

  it('comes back from a folder as it was', async () => {
    const checkpoint = await loadGolden(golden);
    const folder = await mkdtemp(join(tmpdir(), 'patchslim-family-'));
    try {
      await saveCheckpoint(folder, checkpoint);
      const back = await fromPretrained(folder);
      expect(back.config).toEqual(checkpoint.config);
      expect(back.fingerprint).toBe(checkpoint.fingerprint);
      expect(samePreprocessing(back.preprocessing, checkpoint.preprocessing)).toBe(true);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

/** The head is CLIP's projection, of which these files say nothing but what it is. */
const projections = ['original-clip', 'timm-eva02-clip'];

it.each(accepted.filter((name) => name !== 'timm-clip' && name !== 'timm-clip-quickgelu'))(
  '%s is known as an encoder or as a classifier',
  async (name) => {
    const golden = readGoldenFamily(name);
    const { config, labels } = await loadGolden(golden);
    expect(givesEmbedding(config)).toBe(!golden.outputs.logits || projections.includes(name));
    if (givesEmbedding(config)) expect(labels).toBeUndefined();
  },
);

it.each(['timm-clip', 'timm-clip-quickgelu'])(
  "%s is an encoder where the head's bias is zero",
  async (name) => {
    const golden = readGoldenFamily(name);
    expect(givesEmbedding((await loadGolden(golden)).config)).toBe(false);
    const zero = { ...golden.tensors.get('head.bias')!, data: new Float32Array(7) };
    const published = { ...golden, tensors: new Map([...golden.tensors, ['head.bias', zero] as const]) };
    const { config, remarks } = await loadGolden(published);
    expect(config).toMatchObject({ projection: true, classes: 7 });
    expect(remarks!.join()).toContain('embeddings of 7 numbers');
  },
);

it.each(refused)('%s is refused with the name of the missing head', async (name) => {
  await expect(loadGolden(readGoldenFamily(name))).rejects.toThrow(/lacks head_dist.weight/);
});
