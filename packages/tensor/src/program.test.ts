/** Programs: the contract of a compiled function on every backend. */

import { beforeEach, describe, expect, it } from 'vitest';
import {
  add,
  checkProgramInputs,
  createBackend,
  disposePrograms,
  float32,
  greater,
  int32,
  matMul,
  mul,
  runOnHost,
  withPrograms,
  type Backend,
} from './index.js';
import { referenceDriver } from './reference/driver.js';
import { createReferenceBackend } from './reference/index.js';

const spec = { shape: [2], dtype: 'float32' as const };
let backend: Backend;
beforeEach(() => {
  backend = createReferenceBackend();
});

describe('compile', () => {
  it('knows the outputs before the first run and leaves no tensor', async () => {
    const program = await backend.compile(({ x }) => ({ doubled: mul(x, 2), positive: greater(x, 0) }), {
      x: spec,
    });
    expect(program.inputs).toEqual({ x: spec });
    expect(program.outputs).toEqual({ doubled: spec, positive: { shape: [2], dtype: 'bool' } });
    expect(backend.memory.liveTensors).toBe(0);
  });

  it('rejects with the error of the function and leaves no tensor', async () => {
    const failing = backend.compile(({ x }) => ({ y: matMul(x, x) }), { x: spec });
    await expect(failing).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
    expect(backend.memory.liveTensors).toBe(0);
  });
});

describe('a dry run', () => {
  it('calls no kernel, not even for constants, and its tensors cannot be read', async () => {
    let calls = 0;
    const counting = createBackend({
      ...referenceDriver,
      upload(host) {
        calls++;
        return referenceDriver.upload(host);
      },
      kernels: {
        ...referenceDriver.kernels,
        mul(call) {
          calls++;
          return referenceDriver.kernels.mul(call);
        },
      },
    });
    await counting.compile(({ x }) => ({ y: mul(x, 2) }), { x: spec });
    expect(calls).toBe(0);
    const y = counting.dryRun(() => counting.constant(float32([2], [1, 2])));
    expect(y.shape).toEqual([2]);
    await expect(y.data()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    y.dispose();
    expect(counting.memory.liveTensors).toBe(0);
  });
});

describe('run', () => {
  it('returns new tensors, one per name, owned by the caller', async () => {
    const k = backend.constant(float32([2], [5, 6]));
    const x = backend.constant(float32([2], [1, 2]));
    const program = await backend.compile(
      (inputs) => {
        const doubled = mul(inputs.x, 2);
        return { input: inputs.x, constant: k, first: doubled, second: doubled };
      },
      { x: spec },
    );
    const outputs = await program.run({ x });
    expect(new Set([x, k, ...Object.values(outputs)]).size).toBe(6);
    for (const [name, values] of Object.entries({ input: [1, 2], constant: [5, 6], first: [2, 4] })) {
      const output = outputs[name as keyof typeof outputs];
      expect([...(await output.data())]).toEqual(values);
      output.dispose();
    }
    expect([...(await outputs.second.data())]).toEqual([2, 4]);
    outputs.second.dispose();
    expect([x.disposed, k.disposed]).toEqual([false, false]);
    expect(backend.memory.liveTensors).toBe(2);
  });

  it('refuses inputs that do not match the specs', async () => {
    const program = await backend.compile(({ x }) => ({ y: mul(x, 2) }), { x: spec });
    const longer = backend.constant(float32([3], [1, 2, 3]));
    const whole = backend.constant(int32([2], [1, 2]));
    await expect(program.run({ x: longer })).rejects.toThrow(
      "run(): input 'x' must be float32[2], got float32[3]",
    );
    await expect(program.run({ x: whole })).rejects.toMatchObject({
      code: 'SHAPE_MISMATCH',
      details: { input: 'x' },
    });
    expect(() => checkProgramInputs({ x: spec }, {})).toThrow("input 'x' must be float32[2], got nothing");
  });

  it('refuses tensors of another backend', async () => {
    const other = createBackend({ ...referenceDriver, name: 'other' });
    const program = await backend.compile(({ x }) => ({ y: mul(x, 2) }), { x: spec });
    const running = program.run({ x: other.constant(float32([2], [1, 2])) });
    await expect(running).rejects.toThrow("a program of 'reference' cannot take a tensor of 'other'");
    await expect(running).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('refuses to run after dispose, which may be called again', async () => {
    const program = await backend.compile(({ x }) => ({ y: mul(x, 2) }), { x: spec });
    const x = backend.constant(float32([2], [1, 2]));
    const { y } = await program.run({ x });
    await program.dispose();
    await program.dispose();
    await expect(program.run({ x })).rejects.toMatchObject({ code: 'DISPOSED' });
    expect([...(await y.data())]).toEqual([2, 4]);
  });

  it('passes a driver a function that owns its outputs', async () => {
    const names: string[] = [];
    const recording = createBackend({
      ...referenceDriver,
      async compile(own, fn, inputs) {
        const x = own.constant(float32([2], [0, 0]));
        const outputs = fn({ x } as Parameters<typeof fn>[0]);
        names.push(...Object.entries(outputs).flatMap(([name, tensor]) => (tensor === x ? [] : [name])));
        return Promise.resolve({
          inputs,
          outputs,
          run: () => Promise.resolve(outputs),
          dispose: () => Promise.resolve(),
        });
      },
    });
    await recording.compile(({ x }) => ({ same: x, next: add(x, 1) }), { x: spec });
    expect(names).toEqual(['same', 'next']);
  });
});

describe('runOnHost', () => {
  it('takes and returns host tensors and leaves no tensor', async () => {
    const program = await backend.compile(({ x }) => ({ same: x, y: mul(x, 2) }), { x: spec });
    const x = float32([2], [1, 2]);
    expect(await runOnHost(backend, program, { x })).toEqual({ same: x, y: float32([2], [2, 4]) });
    expect(backend.memory.liveTensors).toBe(0);
  });

  it('leaves no tensor when the run fails', async () => {
    const program = await backend.compile(({ x }) => ({ y: mul(x, 2) }), { x: spec });
    await expect(runOnHost(backend, program, { x: float32([1], [1]) })).rejects.toThrow("input 'x'");
    expect(backend.memory.liveTensors).toBe(0);
  });
});

describe('a failure half-way', () => {
  /** A backend with room for a limited number of constants. */
  const withRoomFor = (most: number): Backend => {
    let taken = 0;
    return createBackend({
      ...referenceDriver,
      upload(host) {
        if (taken++ === most) throw new Error('out of memory');
        return referenceDriver.upload(host);
      },
    });
  };

  it('disposes the inputs of a run when a later one fails', async () => {
    const small = withRoomFor(2);
    const program = await small.compile(({ a, b, c }) => ({ y: add(add(a, b), c) }), {
      ...{ a: spec, b: spec, c: spec },
    });
    const x = float32([2], [1, 2]);
    await expect(runOnHost(small, program, { a: x, b: x, c: x })).rejects.toThrow('out of memory');
    expect(small.memory.liveTensors).toBe(0);
  });

  /** Programs that record their disposal; the first then fails. */
  const programs = (disposed: string[]) =>
    ['first', 'second', 'third'].map((name) => ({
      dispose() {
        disposed.push(name);
        return name === 'first' ? Promise.reject(new Error('device lost')) : Promise.resolve();
      },
    }));

  it('disposes every program even if one fails, and throws its error', async () => {
    const disposed: string[] = [];
    await expect(disposePrograms(programs(disposed))).rejects.toThrow('device lost');
    expect(disposed).toEqual(['first', 'second', 'third']);
  });

  it('disposes earlier programs when a later one fails to compile, and throws that error', async () => {
    const disposed: string[] = [];
    const using = withPrograms(async (own) => {
      programs(disposed).forEach((program) => own(program));
      own(await backend.compile(({ x }) => ({ y: matMul(x, x) }), { x: spec }));
    });
    await expect(using).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
    expect(disposed).toEqual(['first', 'second', 'third']);
  });

  it('returns the result of the body after disposing the programs', async () => {
    const disposed: string[] = [];
    const made = await withPrograms((own) => {
      own(programs(disposed)[1]!);
      return Promise.resolve(disposed.length);
    });
    expect([made, disposed]).toEqual([0, ['second']]);
  });
});
