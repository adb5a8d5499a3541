/** Compares the library with plain loops, image by image. */

import { Tensor, type HostTensor } from '@patchslim/tensor';
import { createReferenceBackend } from '@patchslim/tensor/reference';
import { plainForward } from '@patchslim/testing';
import {
  classify,
  embed,
  forward,
  runBlocks,
  tokenCount,
  type BlockPlan,
  type VitConfig,
} from '@patchslim/vit-models';
import { expect } from 'vitest';
import { expectNear } from './expect-near.js';
import { placeParams, randomImages, randomParams } from './random-model.js';

const backend = createReferenceBackend();

/** Positions in each row, ascending, of weights `[B, n, N]`. */
const membersOf = ({ shape: [images, rows, all], data }: HostTensor): number[][] =>
  Array.from({ length: images! * rows! }, (_, row) =>
    Array.from({ length: all! }, (_unused, i) => i).filter((i) => data[row * all! + i] !== 0),
  );

/** Expects the logits of a network with random weights to be those of the loops, which it gives. */
export async function expectPlainLogits(
  config: VitConfig,
  plan: readonly BlockPlan[],
  { params = randomParams(config, 1), images = randomImages(config, 4, 2) } = {},
) {
  const network = placeParams(backend, config, params);
  const input = backend.constant(images);
  const logits = await forward(network, input, { plan }).logits.data();
  const [batch] = images.shape as [number];
  const pixels = images.data.length / batch;
  const plain = Array.from({ length: batch }, (_, i) =>
    plainForward(config, params, images.data.slice(i * pixels, (i + 1) * pixels), plan),
  );
  const wanted = plain.flatMap((one) => one.logits);
  expectNear(logits, wanted);
  return { network, input, batch, plain, wanted };
}

/** Expects logits, and behind each block positions, sizes and members of the rows, to be those of the loops. */
export async function expectPlain(
  config: VitConfig,
  plan: readonly BlockPlan[],
  given: Parameters<typeof expectPlainLogits>[2] = {},
): Promise<void> {
  const { network, input, batch, plain, wanted } = await expectPlainLogits(config, plan, given);
  // Block by block, each from the previous state: a wrong state would change the next block.
  let state = embed(network, input);
  for (let block = 0; block < config.depth; block++) {
    const ran = runBlocks(network, state, { plan, from: block, to: block + 1, capture: ['sources'] });
    state = ran.state;
    const { tokens, positions, sizes } = state;
    const found =
      positions instanceof Tensor
        ? Array.from(await positions.data())
        : Array.from({ length: batch }, () => positions).flat();
    expect(found).toEqual(plain.flatMap((one) => one.positions[block]!));
    const ones = Array<number>(batch * tokens.shape[1]!).fill(1);
    expect(sizes ? Array.from(await sizes.data()) : ones).toEqual(plain.flatMap((one) => one.sizes[block]!));
    const sources = await ran.captures[0]!.sources!.toHost();
    expect(sources.shape).toEqual([batch, tokens.shape[1], tokenCount(config)]);
    expect(membersOf(sources)).toEqual(
      plain.flatMap((one) => one.members[block]!.map((row) => row.toSorted((a, b) => a - b))),
    );
  }
  expectNear(await classify(network, state).data(), wanted);
}
