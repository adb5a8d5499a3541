/** WebGPU in Node: programs, memory, lost devices. */

import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { create } from 'webgpu';
import { expect, it } from 'vitest';
import {
  checkBool,
  checkCasts,
  checkInterleaved,
  checkLostDevice,
  checkPrograms,
  checkSteadyMemory,
  matching,
} from '../test/scenarios.js';
import { add, float32 } from '@patchslim/tensor';
import { describeOnGpu } from '@patchslim/testing';
import { createCpuBackend } from './cpu.js';
import { onOwnDevice, requestDevice, type Gpu, type GpuDevice } from './gpu.js';
import { createWebGpuNodeBackend } from './webgpu-node.js';

/** Kept until the process ends: see `dawnInstance`. */
const gpu = create([]) as unknown as Gpu;

describeOnGpu('WebGPU through Dawn', () => {
  it('runs together with the CPU, op by op and program by program', async () => {
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

  it('keeps dtypes apart', async () => {
    const backend = await createWebGpuNodeBackend();
    await checkBool(backend);
    await checkCasts(backend);
    await backend.close();
  });

  it('uses no more memory after 200 runs than after 5', async () => {
    const backend = await createWebGpuNodeBackend();
    await checkSteadyMemory(backend);
    await backend.close();
  });

  it('returns no values after the device refused a command', async () => {
    const backend = await createWebGpuNodeBackend();
    const x = backend.constant(float32([2, 3], [1, 2, 3, 4, 5, 6]));
    const y = add(x, 1);
    await tf.setBackend(tf.engine().backendNames().at(-1)!);
    // The result of tfjs's cast is not float for this kernel: its shader does not compile.
    tf.tidy(() => {
      const whole = tf.tensor3d([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2], 'int32');
      tf.transpose(tf.cast(whole, 'float32'), [0, 2, 1]);
    });
    await expect(add(y, 1).data()).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: matching(/^read\(\) failed in tfjs-webgpu: .*WGSL/s),
    });
    await backend.close();
  });

  it('reports a lost device, and starts again', async () => {
    await checkLostDevice(
      async () => (await requestDevice(gpu)).device,
      (device) => createWebGpuNodeBackend({ device }),
    );
  });

  it('keeps the flags of tfjs unchanged', async () => {
    const backend = await createWebGpuNodeBackend();
    expect(await add(backend.constant(float32([1], [1])), 1).data()).toEqual(Float32Array.of(2));
    expect(tf.env().getBool('WEBGPU_CPU_FORWARD')).toBe(true);
    await backend.close();
  });

  it('destroys its own device if the backend cannot be created', async () => {
    let lost: GpuDevice['lost'] | undefined;
    const opening = onOwnDevice(gpu, (device, info) => {
      lost = device.lost;
      // tfjs requires `navigator.gpu`, which is missing.
      return new WebGPUBackend(device as never, info as never);
    });
    await expect(opening).rejects.toThrow(/WebGPU is not supported/);
    expect((await lost!).reason).toBe('destroyed');
  });

  it('removes the navigator that it added', async () => {
    const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
    const backend = await createWebGpuNodeBackend();
    expect(Object.getOwnPropertyDescriptor(globalThis, 'navigator')).toEqual(before);
    await backend.close();
    expect(tf.engine().backendNames()).not.toContain('patchslim-webgpu-1');
  });
});
