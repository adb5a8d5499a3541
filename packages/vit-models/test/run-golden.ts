/** Loads a golden model as a user would, runs it, and takes out what its library's values are held against. */

import { runOnHost, type Backend, type HostTensor } from '@patchslim/tensor';
import { fromPretrained, type Checkpoint } from '../src/checkpoint/from-pretrained.js';
import { embed, poolTokens, readHeads, runBlocks } from '../src/forward.js';
import { normed } from '../src/layers.js';
import { disposeModel, placeModel } from '../src/model.js';
import { encodeWeights } from './checkpoint-fixtures.js';
import type { GoldenFamily } from './golden-families.js';

/** Reads the weights and the configuration from files. */
export function loadGolden({
  config,
  preprocessor,
  tensors,
  images,
  untold,
}: GoldenFamily): Promise<Checkpoint> {
  const files = [
    new File([encodeWeights(tensors, 0)], 'model.safetensors'),
    ...[config, preprocessor].flatMap((file) => (file ? [new File([file.text], file.name)] : [])),
  ];
  // A file that tells nothing of images needs their size.
  return fromPretrained(files, { ...(config ? {} : { imageSize: images.shape[2]! }), ...untold });
}

/** What a golden model gives on a backend, in the order of the golden values. */
export interface GoldenRun {
  /** Of both images: logits, or the embedding of a network without a classifier. */
  readonly output: readonly number[];
  /** Of both images: the rows of tokens that the golden values have. */
  readonly tokens: readonly number[];
}

/** Runs both images. */
export async function runGolden(
  backend: Backend,
  checkpoint: Checkpoint,
  { images, outputs }: GoldenFamily,
): Promise<GoldenRun> {
  const model = placeModel(backend, checkpoint);
  const { config, params } = model;
  const program = await backend.compile(
    ({ x }) => {
      const { state } = runBlocks(model, embed(model, x));
      const isNormed = outputs.tokens.normed && params.norm !== undefined;
      const tokens = isNormed ? normed(config, params.norm, state.tokens) : state.tokens;
      return { output: readHeads(model, poolTokens(model, state)), tokens };
    },
    { x: { shape: images.shape, dtype: 'float32' } },
  );
  const { output, tokens } = await runOnHost(backend, program, { x: images });
  await program.dispose();
  disposeModel(model);
  return { output: [...output.data], tokens: rowsOf(tokens, outputs.tokens.rows) };
}

/** The library's own values, as `runGolden` gives ours. */
export function wantedOf({ outputs }: GoldenFamily): GoldenRun {
  return { output: (outputs.logits ?? outputs.embedding)!.data, tokens: outputs.tokens.data };
}

function rowsOf({ shape, data }: HostTensor, rows: readonly number[]): number[] {
  const [images = 0, count = 0, width = 0] = shape;
  return Array.from({ length: images }, (_, image) =>
    rows.flatMap((row) => [
      ...data.subarray((image * count + row) * width, (image * count + row + 1) * width),
    ]),
  ).flat();
}
