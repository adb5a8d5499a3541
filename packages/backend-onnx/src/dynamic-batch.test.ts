/** One graph for every batch size, compared with programs recorded at several sizes. */

import {
  add,
  broadcastTo,
  concat,
  conv2d,
  mean,
  named,
  reshape,
  runOnHost,
  slice,
  sum,
  unfold,
  type HostTensor,
  type ProgramFunction,
  type Specs,
  type Tensor,
  type Tensors,
  type TensorSpec,
} from '@patchslim/tensor';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { createTransformer, random, small } from '../test/transformer.js';
import { createOnnxBackend, createOnnxRecorder, encodeModel, joinChunks, type Form } from './index.js';

const spec = (...shape: number[]): TensorSpec => ({ shape, dtype: 'float32' });

describe('a dynamic batch', async () => {
  const backend = await createOnnxBackend({ threads: 1 });

  /** Compares the dynamic graph with programs of the same function, one per batch size. */
  async function compare<I extends string>(
    fn: ProgramFunction<I, 'y'>,
    name: I,
    rest: readonly number[],
    batches: readonly number[],
    form?: Form,
  ) {
    const specs = (batch: number) => ({ [name]: spec(batch, ...rest) }) as Specs<I>;
    const graph = backend.record(fn, specs(1), { batch: 'dynamic', form });
    const session = await ort.InferenceSession.create(joinChunks(encodeModel(graph).model), {
      intraOpNumThreads: 1,
    });
    for (const batch of batches) {
      const x = random([batch, ...rest], batch);
      const program = await backend.compile(fn, specs(batch));
      const { y: want } = await runOnHost(backend, program, { [name]: x } as Record<I, HostTensor>);
      const { y: got } = await session.run({ [name]: new ort.Tensor('float32', x.data, x.shape) });
      expect(got!.dims).toEqual(want.shape);
      const differences = Array.from(want.data, (value, i) => Math.abs(value - (got!.data[i] as number)));
      expect(Math.max(...differences)).toBeLessThan(1e-6);
      await program.dispose();
    }
    await session.release();
    return graph;
  }

  it.each(['runtime', 'portable'] as const)(
    'runs a slimmed transformer at any size, form %s',
    async (form) => {
      const forward = createTransformer(backend, { ...small, keep: 4 });
      const rest = [small.tokens - 1, small.width];
      const graph = await compare(
        (inputs: Tensors<'patches'>) => ({ y: forward(inputs).logits }),
        'patches',
        rest,
        [1, 3, 8],
        form,
      );
      expect(graph.inputs[0]!.shape).toEqual(['batch', ...rest]);
      expect(graph.outputs[0]!.shape).toEqual(['batch', small.classes]);
    },
  );

  it('convolves images and takes their windows', async () => {
    const weight = backend.constant(random([4, 3, 3, 3], 1));
    const images = ({ x }: Tensors<'x'>) => conv2d(x, weight, undefined, { stride: 2, padding: 1 });
    const fn = (inputs: Tensors<'x'>) => ({ y: unfold(images(inputs), { kernel: 3, padding: 1 }) });
    const graph = await compare(fn, 'x', [3, 9, 7], [1, 3]);
    expect(graph.outputs[0]!.shape).toEqual(['batch', 20, 36]);
  });

  it('lets a reshape infer one dimension', async () => {
    const graph = await compare(({ x }) => ({ y: reshape(x, [x.shape[0]! * 2, 3]) }), 'x', [6], [1, 2, 4]);
    expect(graph.initializers.map(({ data }) => [...data])).toEqual([[-1n, 3n]]);
    expect(graph.outputs[0]!.shape).toEqual(['2*batch', 3]);
  });

  it('computes shapes of two batch dimensions, and slices that end with the batch', async () => {
    await compare(
      ({ x }) => {
        const batch = x.shape[0]!;
        const pairs = broadcastTo(reshape(x, [batch, 1, 4]), [batch, batch, 4]);
        const rows = reshape(pairs, [batch * 1, batch * 4]);
        const half = slice(concat([x, x, x], 0), [0, 0], [batch * 2, 4]);
        return { y: concat([reshape(sum(rows, 1), [batch, 1]), slice(half, [batch, 0], [batch, 4])], 1) };
      },
      'x',
      [4],
      [1, 2, 5],
    );
  });

  const refuse = (fn: (inputs: { x: Tensor }) => { y: Tensor }) => () =>
    createOnnxRecorder().record(fn, { x: spec(2, 3) }, { batch: 'dynamic' });

  it('refuses a constant that depends on the batch size, and names the node', () => {
    const meanOverBatch = ({ x }: { x: Tensor }) => ({
      y: named(x.backend, 'blocks.0', () => add(x, x.shape[0]! / 2)),
    });
    expect(refuse(meanOverBatch)).toThrow(
      /^record\(\): the batch cannot be dynamic: a constant depends on the batch size, at blocks\.0\/Add_\d+; record one/,
    );
  });

  it('refuses other operators, other attributes and other dimensions', () => {
    expect(refuse(({ x }) => ({ y: x.shape[0]! > 5 ? mean(x, 1) : sum(x, 1) }))).toThrow(/operator/);
    expect(refuse(({ x }) => ({ y: mean(concat([x, x], 1), x.shape[0]! > 5 ? 1 : 0) }))).toThrow(
      /depends on|proportional/,
    );
    expect(refuse(({ x }) => ({ y: concat([x, slice(x, [0, 0], [1, 3])], 0) }))).toThrow(
      /dimension 0 is not proportional/,
    );
  });

  it('requires every input to start with the batch', () => {
    const record = () =>
      createOnnxRecorder().record(
        ({ x, k }) => ({ y: add(x, k) }),
        { x: spec(2, 3), k: spec(3) },
        { batch: 'dynamic' },
      );
    expect(record).toThrow(/every input must start with the same batch dimension/);
  });
});
