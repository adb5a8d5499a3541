/** TensorFlow.js on WebGPU, in a browser. For Node: `webgpu-node`. */

import type { Backend } from '@patchslim/tensor';
import { createDeviceBackend } from './device-backend.js';
import { checkOptions, onOwnDevice, type Gpu, type WebGpuBackendOptions } from './gpu.js';
import { loadKernels } from './kernel-package.js';
import { orUnavailable } from './unavailable.js';

export type { GpuDevice, WebGpuBackendOptions, WeightStorage } from './gpu.js';

const name = 'tfjs-webgpu';
const install =
  'install it with: npm install @tensorflow/tfjs-core @tensorflow/tfjs-backend-webgpu @tensorflow/tfjs-backend-cpu';
const needs =
  'it needs a browser with WebGPU and a GPU, and a page from https or localhost; createWasmBackend() runs without';

/**
 * Creates a backend on `@tensorflow/tfjs-backend-webgpu`. Any number can be open, each with its own device.
 *
 * @throws `INVALID_ARGUMENT` for incompatible options, `BACKEND_UNAVAILABLE` when the packages are not installed
 *   or no GPU is found. After its device is lost, the backend's calls throw `DEVICE_LOST`; you can open another one in the
 *   same page
 * @example const backend = await createWebGpuBackend();
 */
export async function createWebGpuBackend(options: WebGpuBackendOptions = {}): Promise<Backend> {
  checkOptions(name, options);
  const [tf, webgpu] = await orUnavailable({ name, hint: install }, async () => {
    const tf = await import('@tensorflow/tfjs-core');
    return [tf, await loadKernels(tf, () => import('@tensorflow/tfjs-backend-webgpu'))] as const;
  });
  const { ownKernels, weights } = options;
  return orUnavailable({ name, hint: needs }, async () => {
    if (options.device) {
      const { device } = options;
      return createDeviceBackend(tf, webgpu, {
        name,
        device,
        own: false,
        info: undefined,
        ownKernels,
        weights,
      });
    }
    const gpu = (globalThis as { navigator?: { gpu?: Gpu } }).navigator?.gpu;
    if (!gpu) throw new Error('there is no navigator.gpu');
    return onOwnDevice(gpu, (device, info, onClose) =>
      createDeviceBackend(tf, webgpu, { name, device, own: true, info, ownKernels, weights, onClose }),
    );
  });
}
