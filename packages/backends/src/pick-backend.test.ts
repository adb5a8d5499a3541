/** Picking in Node. */

import { createOnnxBackend } from '@patchslim/backend-onnx';
import { float32, tanh, type Backend, type Specs, type Tensors } from '@patchslim/tensor';
import { describe, expect, it } from 'vitest';
import { backendChoices, type BackendChoice } from './choices.js';
import { defaultOrder, describeBackends, openBackend, pickBackend } from './index.js';
import { pickFrom } from './pick-backend.js';

const native = backendChoices.find(({ name }) => name === 'native')!;

/** No machine has this provider. */
const absent: BackendChoice = {
  name: 'absent',
  description: 'a provider that does not exist',
  open: () => createOnnxBackend({ provider: 'abacus' as 'cpu' }),
};

it('native computes on the given number of threads', async () => {
  const backend = await openBackend('native', { threads: 3 });
  expect(backend.threads).toBe(3);
  await backend.close();
});

describe('pickBackend', () => {
  it('picks the first working backend, with the reasons why earlier ones do not work', async () => {
    const { name, backend, unavailable } = await pickFrom([absent, native, absent]);
    expect([name, backend.name]).toEqual(['native', 'native']);
    expect(unavailable.map((each) => each.name)).toEqual(['absent']);
    expect(unavailable[0]!.reason).toMatch(/no provider 'abacus'/);
    expect(backend.memory.liveTensors).toBe(0);
    await backend.close();
  });

  it('closes a backend that computes wrong values', async () => {
    const open = { backends: 0, programs: 0 };
    const wrong: BackendChoice = {
      name: 'wrong',
      description: 'computes tanh for GELU',
      async open() {
        const backend = await openBackend('reference');
        open.backends++;
        return Object.assign(backend, {
          compile(_: unknown, inputs: Specs) {
            open.programs++;
            return Promise.resolve({
              ...{ inputs, outputs: inputs },
              run: ({ x }: Tensors) => Promise.resolve({ y: tanh(x!) }),
              dispose: () => Promise.resolve(void open.programs--),
            });
          },
          close: () => Promise.resolve(void open.backends--),
        } as unknown as Backend);
      },
    };
    await expect(pickFrom([wrong])).rejects.toThrow(
      /wrong computes wrong values: gelu\(1\) is 0.8413, got 0.7615/,
    );
    const failing: BackendChoice = {
      ...wrong,
      async open() {
        const backend = await wrong.open();
        const constant = backend.constant.bind(backend);
        return Object.assign(backend, {
          constant: () => constant(float32([2], [1])), // refused
        });
      },
    };
    await expect(pickFrom([failing])).rejects.toThrow(/needs 2 values, got 1/);
    expect(open).toEqual({ backends: 0, programs: 0 });
  });

  it('works without arguments', async () => {
    const { name, backend, unavailable } = await pickBackend();
    expect(unavailable.map((each) => each.name)).toEqual(defaultOrder.slice(0, defaultOrder.indexOf(name)));
    await backend.close();
  });

  it.each(['native', 'wasm', 'tfjs-wasm', 'tfjs-cpu', 'reference'])(
    'picks %s, which has that name',
    async (wanted) => {
      const { name, backend } = await pickBackend([wanted]);
      expect([name, backend.name]).toEqual([wanted, wanted]);
      await backend.close();
    },
  );

  it('lists every reason if none works', async () => {
    await expect(pickFrom([absent, absent])).rejects.toMatchObject({
      code: 'BACKEND_UNAVAILABLE',
      details: { unavailable: [{ name: 'absent' }, { name: 'absent' }] },
    });
  });

  it('accepts names, and suggests the nearest for unknown ones', async () => {
    await expect(pickBackend(['native', 'wsam'])).rejects.toMatchObject({
      code: 'UNKNOWN_NAME',
      message: "unknown backend 'wsam'; did you mean wasm?",
    });
    await expect(openBackend('natve')).rejects.toThrow(/native/);
  });
});

it('describeBackends tries all, and reports that each works or why not', async () => {
  const findings = await describeBackends();
  expect(findings.map(({ name }) => name)).toEqual(backendChoices.map(({ name }) => name));
  const working = findings.filter(({ works }) => works).map(({ name }) => name);
  expect(working).toEqual(expect.arrayContaining(['native', 'wasm', 'tfjs-wasm', 'tfjs-cpu', 'reference']));
  for (const { works, reason } of findings) {
    if (works) expect(reason).toBeUndefined();
    else expect(reason).toMatch(/\w+.{20}/s);
  }
});
