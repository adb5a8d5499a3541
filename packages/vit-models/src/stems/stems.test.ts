/** The stems of T2T-ViT and LV-ViT, from original checkpoints to logits, against PyTorch; their parameters and costs. */

import { createReferenceBackend } from '@patchslim/tensor/reference';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { encode, rawFloat32, type RawTensor } from '../../test/checkpoint-fixtures.js';
import {
  formulaConfigs,
  formulaImages,
  formulaResult,
  formulaWeights,
  type FormulaStem,
} from '../../test/formula-weights.js';
import { fromPretrained } from '../checkpoint/from-pretrained.js';
import { saveCheckpoint } from '../checkpoint/save-checkpoint.js';
import { classify, embed, runBlocks } from '../forward.js';
import { placeModel } from '../model.js';
import { vitConfig, vitPreset } from '../presets.js';
import { canonicalShapes, parameterCount } from '../spec.js';

const stems = Object.keys(formulaConfigs) as FormulaStem[];

/** A file as the authors published it: from data-parallel training, with the counters of batch normalisation. */
function originalFile(stem: FormulaStem): Uint8Array {
  const weights = [...formulaWeights(formulaConfigs[stem])];
  const counter: RawTensor = { dtype: 'I64', shape: [], bytes: new Uint8Array(8) };
  const counters =
    stem === 'conv' ? [1, 2, 3].map((n) => [`patch_embed.bn${n}.num_batches_tracked`, counter] as const) : [];
  const tensors = [...weights.map(([name, tensor]) => [name, rawFloat32(tensor)] as const), ...counters];
  return encode(tensors.map(([name, tensor]) => [`module.${name}`, tensor]));
}

function expectClose(got: ArrayLike<number>, want: readonly number[]): void {
  expect(got.length).toBe(want.length);
  want.forEach((value, i) => expect(Math.abs(got[i]! - value), `at ${i}`).toBeLessThan(1e-5));
}

describe.each(stems)('%s', (stem) => {
  const config = formulaConfigs[stem];

  it("gives PyTorch's tokens and logits with the original's weights", async () => {
    const checkpoint = await fromPretrained(originalFile(stem), { heads: config.heads });
    expect(checkpoint.config).toEqual(config);
    expect(checkpoint.ignored).toEqual([]);
    const backend = createReferenceBackend();
    const model = placeModel(backend, checkpoint);
    const state = embed(model, backend.constant(formulaImages(config)));
    const { tokens, logits } = formulaResult(stem);
    expectClose(await state.tokens.data(), tokens);
    expectClose(await classify(model, runBlocks(model, state).state).data(), logits);
  });

  it('is the same model when it is saved and read again', async () => {
    const checkpoint = await fromPretrained(originalFile(stem), { heads: config.heads });
    expect([...checkpoint.tensors.keys()].sort()).toEqual([...canonicalShapes(config).keys()].sort());
    const folder = await mkdtemp(join(tmpdir(), 'patchslim-stems-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await saveCheckpoint(folder, checkpoint);
    const again = await fromPretrained(folder);
    expect(again.config).toEqual(checkpoint.config);
    expect(again.fingerprint).toBe(checkpoint.fingerprint);
  });
});

it.each([
  ['t2t-vit-14', 21_545_550, 248],
  ['t2t-vit-t-14', 21_541_070, 248],
  // Less than in the original: three convolutions have 64 biases each in place of 64 scales and 64 shifts.
  ['lv-vit-tiny', 8_534_720 - 3 * 64, 248],
  ['lv-vit-small', 26_151_824 - 3 * 64, 248],
  ['lv-vit-medium', 55_830_544 - 3 * 64, 224],
])('%s has %i parameters and images of shorter side %i', (name, parameters, size) => {
  expect(parameterCount(vitConfig(name))).toBe(parameters);
  expect(vitPreset(name).preprocessing.resize).toEqual({ to: 'shortest', size });
});
