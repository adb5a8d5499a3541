/** Our backends do not affect a program that uses tfjs itself. Each test runs in a separate process. */

import { runChild } from '@patchslim/testing';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const child = (name: string) => fileURLToPath(new URL(`../test/children/${name}.ts`, import.meta.url));

interface State {
  readonly backend: string;
  readonly sameInstance: boolean;
  readonly names: readonly string[];
  readonly flags: Readonly<Record<string, unknown>>;
  readonly sameRequire: boolean;
  readonly listeners: unknown;
}

describe.each(['cpu', 'wasm'])('a program on tfjs %s', (theirs) => {
  it('keeps its backend, its flags, its numbers and its listeners', async () => {
    const { found, results, others, values } = (await runChild(child('beside-tfjs'), {
      PATCHSLIM_TEST_BACKEND: theirs,
    })) as {
      found: Readonly<Record<'before' | 'between' | 'started' | 'after', State>>;
      results: readonly number[][];
      others: readonly unknown[];
      values: readonly number[];
    };
    const { before, between, started, after } = found;
    for (const state of [before, between, started, after]) {
      expect(state).toMatchObject({ backend: theirs, sameInstance: true, sameRequire: true });
      expect(state.flags).toMatchObject(before.flags);
    }
    expect(between.listeners).toEqual(before.listeners);
    expect(after.listeners).toEqual(started.listeners);
    expect(after.names).toEqual(before.names);
    expect(others).toEqual([true, 2, 3]);
    // A high power of the matrix, scaled to a largest eigenvalue of 1.
    for (const [i, value] of [0.238884, 0.348155, 0.522233, 0.761117].entries()) {
      expect(values[i]).toBeCloseTo(value, 5);
    }
    const ours = [7, 10, 15, 22, 0.017986, 0.982014, 0.000335, 0.999665, 4, 6];
    expect(results).toEqual(Array(11).fill(ours));
  });
});

it('a program without a choice gets the backend that it loaded, not one that ours loaded', async () => {
  expect(await runChild(child('default-backend'))).toEqual({
    before: ['none', 0],
    after: ['none', 0],
    values: [2, 3],
    taken: 'cpu',
  });
});
