/** LV-ViT's two heads against plain loops, dense and with fewer rows. */

import type { HostTensor } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { expect, it } from 'vitest';
import { plainAffine as affine, plainNorm as norm } from '@patchslim/testing';
import { placeParams, randomImages, randomParams, tinyConfig } from '../../test/random-model.js';
import type { BlockPlan } from '../block-plan.js';
import type { VitConfig } from '../config.js';
import { embed, forward, runBlocks } from '../forward.js';
import type { BiasedParams } from '../params.js';

type Head = BiasedParams<HostTensor<'float32'>>;

const config: VitConfig = { ...tinyConfig, pool: 'class-patches' };
const host = randomParams(config, 1);
const [head, patchHead] = [host.head, host.patchHead] as [Head, Head];
const dense: BlockPlan = { kind: 'dense' };

it.each<[string, readonly BlockPlan[]]>([
  ['all patches', [dense, dense, dense]],
  ['the patches that are left', [dense, { kind: 'keep', keep: [0, 2, 5, 7], keys: 'compact' }, dense]],
  ['the class token and one patch', [dense, dense, { kind: 'keep', keep: [0, 4], keys: 'compact' }]],
])('adds half of the largest logit of %s to that of the class token', async (_, plan) => {
  const backend = createReferenceBackend();
  const network = placeParams(backend, config, host);
  const images = backend.constant(randomImages(config, 2, 2));
  const { tokens } = runBlocks(network, embed(network, images), { plan }).state;
  const [batch, rows, width] = tokens.shape as [number, number, number];
  const values = await tokens.data();
  const row = (image: number, place: number) => {
    const begin = (image * rows + place) * width;
    return norm(Array.from(values.slice(begin, begin + width)), host.norm!, config.layerNormEps);
  };
  const wanted = Array.from({ length: batch }, (_, image) => {
    const patches = Array.from({ length: rows - 1 }, (_, i) => affine(row(image, i + 1), patchHead));
    return affine(row(image, 0), head).map(
      (value, c) => value + 0.5 * Math.max(...patches.map((logits) => logits[c]!)),
    );
  }).flat();
  const got = await forward(network, images, { plan }).logits.data();
  wanted.forEach((value, i) => expect(got[i]).toBeCloseTo(value, 5));
});
