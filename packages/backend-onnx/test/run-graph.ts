/** Runs a graph in a separate session, like a user of its file. */

import type { HostTensor } from '@patchslim/tensor';
import type { Ort } from '../src/ort.js';
import { encodeModel, joinChunks, type Graph } from '../src/index.js';

/** Without this option, sums of uint8 · int8 products saturate on x86 processors without VNNI. */
const exactIntegers = { x64quantprecision: '1' };

/** The first output. */
export async function runGraph(
  ort: Pick<Ort, 'InferenceSession' | 'Tensor'>,
  graph: Graph,
  inputs: Readonly<Record<string, HostTensor<'float32'>>>,
): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(joinChunks(encodeModel(graph).model), {
    intraOpNumThreads: 1,
    extra: { session: exactIntegers },
  });
  const feeds = Object.entries(inputs).map(
    ([name, { data, shape }]) => [name, new ort.Tensor('float32', data, shape)] as const,
  );
  const results = await session.run(Object.fromEntries(feeds));
  await session.release();
  return results[graph.outputs[0]!.name]!.data as Float32Array;
}

/** Root mean square of the differences, divided by the root mean square of the expected values. */
export function relativeError(got: ArrayLike<number>, wanted: ArrayLike<number>): number {
  const squares = (values: ArrayLike<number>) =>
    Array.from(values).reduce((sum, value) => sum + value ** 2, 0);
  const differences = Array.from(wanted, (value, i) => value - got[i]!);
  return Math.sqrt(squares(differences) / squares(wanted));
}
