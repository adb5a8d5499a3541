/** Graphs: shared constants, pruning, names of results. */

import { add, concat, float32, int32, matMul, mul, topK, type TensorSpec } from '@patchslim/tensor';
import { describe, expect, it } from 'vitest';
import { random } from '../test/transformer.js';
import { createOnnxRecorder } from './index.js';

const spec = (...shape: number[]): TensorSpec => ({ shape, dtype: 'float32' });

describe('constants', () => {
  it('become one initializer per host buffer, even if used many times', () => {
    const recorder = createOnnxRecorder();
    const host = random([20, 20], 1);
    const [weight, again] = [recorder.constant(host), recorder.constant(host)];
    const graph = recorder.record(({ x }) => ({ y: matMul(matMul(matMul(x, weight), weight), again) }), {
      x: spec(2, 20),
    });
    expect(graph.initializers).toHaveLength(1);
    expect(graph.initializers[0]!.data).toBe(host.data);
  });

  it('are shared by value if they are small, unless their dtypes or shapes differ', () => {
    const recorder = createOnnxRecorder();
    const graph = recorder.record(
      ({ x, i }) => ({
        y: mul(add(add(x, 1), 1), recorder.constant(float32([1], [1]))),
        j: add(add(i, 1), 1),
      }),
      { x: spec(3), i: { shape: [3], dtype: 'int32' } },
    );
    const kinds = graph.initializers.map(({ dtype, shape }) => `${dtype}[${shape.join(',')}]`);
    expect(kinds.sort()).toEqual(['float32[1]', 'float32[]', 'int32[]']);
  });

  it('distinguish 0 and -0', () => {
    const recorder = createOnnxRecorder();
    const graph = recorder.record(({ x }) => ({ y: add(mul(x, 0), -0) }), { x: spec(3) });
    expect(graph.initializers.map(({ data }) => data[0])).toEqual([0, -0]);
  });
});

describe('a recording', () => {
  it('omits unused nodes', () => {
    const recorder = createOnnxRecorder();
    const graph = recorder.record(
      ({ x }) => {
        mul(add(x, 5), 7);
        return { y: add(x, 2) };
      },
      { x: spec(3) },
    );
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Add']);
    expect(graph.initializers.map(({ data }) => data[0])).toEqual([2]);
  });

  it('keeps the names of inputs and outputs, even if they are equal', () => {
    const recorder = createOnnxRecorder();
    const graph = recorder.record(({ x, Add_0 }) => ({ sum: add(x, Add_0), x: mul(x, 2), copy: Add_0 }), {
      x: spec(3),
      Add_0: spec(3),
    });
    expect(graph.inputs.map(({ name }) => name)).toEqual(['x', 'Add_0']);
    expect(graph.outputs.map(({ name }) => name)).toEqual(['sum', expect.stringMatching(/^x_\d+$/), 'copy']);
    const made = [...graph.inputs, ...graph.initializers, ...graph.nodes.flatMap(({ outputs }) => outputs)];
    expect(new Set(made.map(({ name }) => name)).size).toBe(made.length);
  });

  it('does not cast the positions of topK back and forth', () => {
    const recorder = createOnnxRecorder();
    const graph = recorder.record(({ x }) => ({ both: concat([topK(x, 2), topK(x, 1)], 1) }), {
      x: spec(2, 4),
    });
    expect(graph.nodes.filter(({ op }) => op === 'Cast')).toHaveLength(1);
  });

  it('cannot use a tensor of another recording', () => {
    const recorder = createOnnxRecorder();
    expect(() =>
      recorder.record(
        ({ x }) => {
          recorder.record(({ z }) => ({ y: add(x, z) }), { z: spec(3) });
          return { y: x };
        },
        { x: spec(3) },
      ),
    ).toThrow(/'x' belongs to another recording/);
    expect(recorder.memory.liveTensors).toBe(0);
  });

  it('is closed when the function throws', () => {
    const recorder = createOnnxRecorder();
    const weight = recorder.constant(int32([2], [1, 2]));
    expect(() =>
      recorder.record(
        () => {
          throw new Error('mine');
        },
        { x: spec(3) },
      ),
    ).toThrow('mine');
    expect(() => add(weight, 1)).toThrow(/^add\(\): this backend records; call ops inside compile\(\)$/);
  });
});
