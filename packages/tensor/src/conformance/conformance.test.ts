/** The suite on the reference backend, and tests of the suite itself: it must detect a wrong backend. */

import { describe, expect, it } from 'vitest';
import {
  createBackend,
  float32,
  neg,
  opTable,
  sizeOf,
  type Backend,
  type Kernel,
  type OpName,
} from '../index.js';
import { compileByRunning } from '../program.js';
import { referenceDriver } from '../reference/driver.js';
import { createReferenceBackend } from '../reference/index.js';
import {
  casesExcept,
  checkConformance,
  conformanceCases,
  conformanceTests,
  missingOps,
  type ConformanceCase,
} from './index.js';

describe('conformance of reference', () => {
  const backend = createReferenceBackend();

  for (const { name, run } of conformanceTests([])) {
    it(name, async () => {
      await run(backend);
      expect(backend.memory.liveTensors).toBe(0);
    });
  }
});

describe('the list of cases', () => {
  it('covers every op, and every composite through its decomposition', () => {
    expect(missingOps(conformanceCases)).toEqual([]);
  });

  it('is reported as incomplete when cases are removed', () => {
    const fewer = conformanceCases.filter(
      ({ op, decomposed }) => op !== 'erf' && !(op === 'gelu' && decomposed),
    );
    expect(missingOps(fewer)).toEqual(['erf', 'gelu (decomposed)']);
  });

  it('has unique names', () => {
    expect(new Set(conformanceCases.map(({ name }) => name)).size).toBe(conformanceCases.length);
  });

  it('omits excluded cases and rejects exclusions of unknown cases', () => {
    const { name } = conformanceCases[0]!;
    expect(casesExcept([{ case: name, reason: 'for this test' }])).toEqual(conformanceCases.slice(1));
    expect(() => casesExcept([{ case: 'softmax/larg values', reason: '' }])).toThrow(/softmax\/large values/);
  });
});

describe('an excluded case', () => {
  const { name } = conformanceCases.find(({ op }) => op === 'gelu')!;
  const excluded = conformanceTests([{ case: name, reason: 'for this test' }]).at(-1)!;

  it('is named with its reason', () => {
    expect(excluded.name).toBe(`${name} (excluded: for this test)`);
  });

  it('must fail: a passing case needs no exclusion', async () => {
    await expect(excluded.run(createReferenceBackend())).rejects.toThrow(
      /is excluded, but 'reference' passes it/,
    );
    const broken = referenceWith({ gelu: ({ output }) => new Float64Array(sizeOf(output.shape)).fill(7) });
    await expect(excluded.run(broken)).resolves.toBeUndefined();
  });
});

describe('a backend that is wrong', () => {
  const constantKernel: Kernel<OpName> = ({ output }) => new Float64Array(sizeOf(output.shape)).fill(7);

  it.each(Object.keys(opTable) as OpName[])('in %s is noticed', async (op) => {
    const broken = referenceWith({ [op]: constantKernel });
    const [first] = casesOf(op);
    await expect(checkConformance(broken, first!)).rejects.toThrow(
      /^conformance '.*' on backend 'broken': first run: output 'y' .*: \d+ of \d+ values wrong; worst at \[/,
    );
  });

  it('only in a fused kernel still passes the decomposition', async () => {
    const broken = referenceWith({ gelu: constantKernel });
    const decomposed = conformanceCases.find((each) => each.op === 'gelu' && each.decomposed);
    await expect(checkConformance(broken, decomposed!)).resolves.toBeUndefined();
  });

  it('in its side effects is noticed: a kernel that writes into a constant', async () => {
    const inPlace: Kernel<OpName> = ({ inputs: [x] }) => {
      const values = x!.handle as Float64Array;
      const result = values.map((value) => -value);
      values.fill(0);
      return result;
    };
    const testCase: ConformanceCase = {
      name: 'in place',
      op: 'neg',
      inputs: {},
      constants: { k: float32([1], [2]) },
      run: (_, { k }) => ({ y: neg(k!) }),
      expected: { y: float32([1], [-2]) },
    };
    await expect(checkConformance(referenceWith({ neg: inPlace }), testCase)).rejects.toThrow(
      'expected -2, got 0',
    );
  });

  it.each([NaN, -Infinity])('in %s is noticed', async (value) => {
    const broken = referenceWith({ neg: ({ output }) => new Float64Array(sizeOf(output.shape)).fill(value) });
    const [first] = casesOf('neg');
    await expect(checkConformance(broken, first!)).rejects.toThrow(`got ${value} (difference Infinity`);
  });

  it('in a finite value where infinity is expected is noticed', async () => {
    const ofZero = conformanceCases.find(({ name }) => name === 'log/of zero');
    await expect(checkConformance(referenceWith({ log: constantKernel }), ofZero!)).rejects.toThrow(
      'expected -Infinity, got 7 (difference Infinity',
    );
  });

  it('in element storage is noticed', async () => {
    const floats = createBackend({
      ...referenceDriver,
      download: (handle) => Float32Array.from(handle as Float64Array),
    });
    await expect(checkConformance(floats, casesOf('topK')[0]!)).rejects.toThrow(
      'expected Int32Array of 2, got Float32Array of 2',
    );
  });

  it('is a difference above the tolerance, relative to max(1, |expected|)', async () => {
    const off = referenceWith({
      neg: ({ inputs: [x] }) => (x!.handle as Float64Array).map((value) => -value * (1 + 2e-5)),
    });
    const check = (value: number, tolerance?: number) =>
      checkConformance(off, {
        name: 'slightly off',
        op: 'neg',
        inputs: { a: float32([1], [value]) },
        run: ({ a }) => ({ y: neg(a!) }),
        expected: { y: float32([1], [-value]) },
        ...(tolerance !== undefined && { tolerance }),
      });
    await expect(check(1)).rejects.toThrow('allowed 0.00001');
    await expect(check(1000)).rejects.toThrow('allowed 0.00001');
    await expect(check(0.25)).resolves.toBeUndefined();
    await expect(check(1000, 1e-4)).resolves.toBeUndefined();
  });

  it('in shapes is noticed', async () => {
    const testCase: ConformanceCase = {
      name: 'wrong shape',
      op: 'neg',
      inputs: { a: float32([2], [1, 2]) },
      run: ({ a }) => ({ y: neg(a!) }),
      expected: { y: float32([1, 2], [-1, -2]) },
    };
    await expect(checkConformance(createReferenceBackend(), testCase)).rejects.toThrow(
      'compile() declares: expected y float32[1,2], got y float32[2]',
    );
  });

  it('in memory is noticed', async () => {
    const leaky = createBackend({
      ...referenceDriver,
      async compile(backend, fn, inputs) {
        backend.constant(float32([], [0]));
        return compileByRunning(backend, fn, inputs);
      },
    });
    await expect(checkConformance(leaky, casesOf('neg')[0]!)).rejects.toThrow(
      '1 live tensors more than before',
    );
  });
});

function casesOf(op: OpName): ConformanceCase[] {
  return conformanceCases.filter(
    (each) => each.op === op && each.name.startsWith(`${op}/`) && !each.decomposed,
  );
}

function referenceWith(kernels: Readonly<Record<string, Kernel<OpName>>>): Backend {
  return createBackend({
    ...referenceDriver,
    name: 'broken',
    kernels: { ...referenceDriver.kernels, ...kernels },
  });
}
