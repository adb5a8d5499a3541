/** Every family under every set of names: what its own library computes from the same weights. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runOnHost, type HostTensor } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { describe, expect, it } from 'vitest';
import { encodeWeights } from '../../test/checkpoint-fixtures.js';
import { goldenFamilyNames, readGoldenFamily, type GoldenFamily } from '../../test/golden-families.js';
import { fromPretrained, type Checkpoint } from '../checkpoint/from-pretrained.js';
import { samePreprocessing } from '../checkpoint/hub/same-preprocessing.js';
import { saveCheckpoint } from '../checkpoint/save-checkpoint.js';
import { embed, poolTokens, readHeads, runBlocks } from '../forward.js';
import { givesEmbedding } from '../head-activation.js';
import { normed } from '../layers.js';
import { placeModel } from '../model.js';

/** Largest deviation of float32 here from float64 there. */
const tolerance = 2e-5;

function load(golden: GoldenFamily): Promise<Checkpoint> {
  const { config, preprocessor, tensors } = golden;
  const files = [
    new File([encodeWeights(tensors, 0)], 'model.safetensors'),
    ...[config, preprocessor].flatMap((file) => (file ? [new File([file.text], file.name)] : [])),
  ];
  return fromPretrained(files, optionsOf(golden));
}

async function run(checkpoint: Checkpoint, images: HostTensor<'float32'>) {
  const backend = createReferenceBackend();
  const model = placeModel(backend, checkpoint);
  const { config, params } = model;
  const program = await backend.compile(
    ({ x }) => {
      const { state } = runBlocks(model, embed(model, x));
      const { norm } = params;
      const logits = readHeads(model, poolTokens(model, state));
      const last = norm ? normed(config, norm, state.tokens) : state.tokens;
      return { tokens: state.tokens, logits, normed: last };
    },
    { x: { shape: images.shape, dtype: 'float32' } },
  );
  const outputs = await runOnHost(backend, program, { x: images });
  await backend.close();
  return outputs;
}

const near = (data: readonly number[]) =>
  data.map((value) => expect.closeTo(value, -Math.log10(2 * tolerance)) as number);

/** A file that tells nothing of images needs their size. */
function optionsOf({ untold, config, images }: GoldenFamily) {
  return { ...untold, ...(config ? {} : { imageSize: images.shape[2]! }) };
}

/** `DeiTForImageClassification` has a distillation token and no head for it. */
const refused = ['hf-deit', 'hf-deit-v5'];
const accepted = goldenFamilyNames().filter((name) => !refused.includes(name));

describe.each(accepted)('%s', (name) => {
  const golden = readGoldenFamily(name);
  const { logits, embedding, tokens } = golden.outputs;

  it('computes what its library computes', async () => {
    const found = await run(await load(golden), golden.images);
    expect([...found.logits.data]).toEqual(near((logits ?? embedding)!.data));
    const ours = tokens.normed ? found.normed : found.tokens;
    const [, rows, width] = ours.shape as [number, number, number];
    const picked = [0, 1].flatMap((image) =>
      tokens.rows.flatMap((row) => [
        ...ours.data.subarray((image * rows + row) * width, (image * rows + row + 1) * width),
      ]),
    );
    expect(picked).toEqual(near(tokens.data));
  });

  it('comes back from a folder as it was', async () => {
    const checkpoint = await load(golden);
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
    const { config, labels } = await load(golden);
    expect(givesEmbedding(config)).toBe(!golden.outputs.logits || projections.includes(name));
    if (givesEmbedding(config)) expect(labels).toBeUndefined();
  },
);

it.each(['timm-clip', 'timm-clip-quickgelu'])(
  "%s is an encoder where the head's bias is zero",
  async (name) => {
    const golden = readGoldenFamily(name);
    expect(givesEmbedding((await load(golden)).config)).toBe(false);
    const zero = { ...golden.tensors.get('head.bias')!, data: new Float32Array(7) };
    const published = { ...golden, tensors: new Map([...golden.tensors, ['head.bias', zero] as const]) };
    const { config, remarks } = await load(published);
    expect(config).toMatchObject({ projection: true, classes: 7 });
    expect(remarks!.join()).toContain('embeddings of 7 numbers');
  },
);

it.each(refused)('%s is refused with the name of the missing head', async (name) => {
  await expect(load(readGoldenFamily(name))).rejects.toThrow(/lacks head_dist.weight/);
});
