/** WebGPU in Node: programs, memory, and devices that go away. */

import * as tf from '@tensorflow/tfjs-core';
import { create } from 'webgpu';
import { expect, it } from 'vitest';
import {
  checkBool,
  checkInterleaved,
  checkLostDevice,
  checkPrograms,
  checkSteadyMemory,
} from '../test/scenarios.js';
import { describeOnGpu } from '@patchslim/testing';
import { createCpuBackend } from './cpu.js';
import { requestDevice, type Gpu } from './gpu.js';
import { createWebGpuNodeBackend } from './webgpu-node.js';

/** Kept to the end: see `dawnInstance`. */
const gpu = create([]) as unknown as Gpu;

describeOnGpu('WebGPU through Dawn', () => {
  it('runs beside the CPU, op by op and program by program', async () => {
    const backends = [await createWebGpuNodeBackend(), await createCpuBackend()];
    await checkInterleaved(backends);
    await checkPrograms(backends);
    for (const backend of backends) await backend.close();
  });

  it('runs two devices side by side', async () => {
    const backends = [await createWebGpuNodeBackend(), await createWebGpuNodeBackend()];
    await checkInterleaved(backends);
    for (const backend of backends) await backend.close();
  });

  it('keeps bool tensors apart', async () => {
    const backend = await createWebGpuNodeBackend();
    await checkBool(backend);
    await backend.close();
  });

  it('uses no more memory after 200 runs than after 5', async () => {
    const backend = await createWebGpuNodeBackend();
    await checkSteadyMemory(backend);
    await backend.close();
  });

  it('says when the device was lost, and comes up again', async () => {
    await checkLostDevice(
      async () => (await requestDevice(gpu)).device,
      (device) => createWebGpuNodeBackend({ device }),
    );
  });

  it('leaves no navigator behind that was not there', async () => {
    const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
    const backend = await createWebGpuNodeBackend();
    expect(Object.getOwnPropertyDescriptor(globalThis, 'navigator')).toEqual(before);
    await backend.close();
    expect(tf.engine().backendNames()).not.toContain('patchslim-webgpu-1');
  });
});
