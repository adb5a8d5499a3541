/** Tests of programs on onnxruntime-web for every provider, shared by Node and Chromium. */

import { add, matMul, runOnHost } from '@patchslim/tensor';
import { expect, it } from 'vitest';
import type { OnnxBackend } from '../src/index.js';
import { differenceFromReference } from './against-reference.js';
import { random } from './transformer.js';

/** Software GPUs on busy machines are slow. */
const timeout = 300_000;

/** @param heapBytes returns the bytes of WebAssembly memory in this process or page */
export function testWebBehaviour(open: () => Promise<OnnxBackend>, heapBytes: () => number): void {
  it('matches the reference on a slimmed transformer', { timeout }, async () => {
    const backend = await open();
    expect(await differenceFromReference(backend)).toBeLessThan(1e-4);
    await backend.close();
  });

  it('runs two programs interleaved, and one is disposed while it runs', { timeout }, async () => {
    const backend = await open();
    const weight = backend.constant(random([32, 32], 1));
    const x = random([4, 32], 2);
    const once = await backend.compile(({ x }) => ({ y: matMul(x, weight) }), { x });
    const twice = await backend.compile(({ x }) => ({ y: matMul(matMul(x, weight), weight) }), { x });
    const run = (program: typeof once) => runOnHost(backend, program, { x });
    const alone = [await run(once), await run(twice)];
    const pending = [run(once), run(twice), run(once), run(twice)];
    const disposed = once.dispose();
    expect(await Promise.all(pending)).toEqual([...alone, ...alone]);
    await disposed;
    expect(await run(twice)).toEqual(alone[1]);
    await twice.dispose();
    expect(backend.memory.liveTensors).toBe(1);
    await backend.close();
  });

  it('runs programs of two backends at the same time', { timeout }, async () => {
    const x = random([4, 32], 2);
    const runs = [await open(), await open()].map(async (backend) => {
      const program = await backend.compile(({ x }) => ({ y: matMul(x, x, { transposeB: true }) }), { x });
      const results = await Promise.all([1, 2, 3].map(() => runOnHost(backend, program, { x })));
      await program.dispose();
      await backend.close();
      return results;
    });
    const [first, second] = await Promise.all(runs);
    expect(first).toEqual(second);
  });

  it('uses no more memory after 200 runs than after 5', { timeout }, async () => {
    const backend = await open();
    const x = random([512, 512], 1);
    const program = await backend.compile(({ x }) => ({ y: add(x, 1) }), { x });
    const run = async (times: number) => {
      for (let i = 0; i < times; i++) await runOnHost(backend, program, { x });
    };
    await run(5);
    const before = heapBytes();
    await run(195); // 1 MiB in and 1 MiB out each
    expect(heapBytes()).toBe(before);
    expect(before).toBeGreaterThan(0);
    expect(backend.memory.liveTensors).toBe(0);
    await program.dispose();
    await backend.close();
  });

  it('uses no more memory after 30 programs than after 5', { timeout }, async () => {
    const backend = await open();
    const weight = backend.constant(random([1024, 1024], 1));
    const x = random([1, 1024], 2);
    const cycle = async (times: number) => {
      for (let i = 0; i < times; i++) {
        const program = await backend.compile(({ x }) => ({ y: matMul(x, weight) }), { x });
        await program.dispose();
      }
    };
    await cycle(5);
    const before = heapBytes();
    await cycle(25); // 4 MiB of weights each
    expect((heapBytes() - before) / 2 ** 20).toBeLessThan(2 * 4); // Firefox frees those of a program one program later
    expect(backend.memory.liveTensors).toBe(1);
    await backend.close();
  });
}
