/** tfjs's WebGPU backend on a given device, shared by the browser and Node. */

import type { Backend } from '@patchslim/tensor';
import type * as webgpu from '@tensorflow/tfjs-backend-webgpu';
import type { GpuDevice, WeightStorage } from './gpu.js';
import { createOwnBackend } from './own-instance.js';
import type { Tfjs } from './tfjs.js';
import { createHalfWeights } from './webgpu-kernels/half-weights.js';
import { createOwnKernels } from './webgpu-kernels/index.js';

export interface DeviceBackendOptions {
  readonly name: string;
  readonly device: GpuDevice;
  /** Whether only this backend uses the device, so that every device error is its own. */
  readonly own: boolean;
  /** `info` of the device's adapter. */
  readonly info: unknown;
  /** See `WebGpuBackendOptions`. */
  readonly ownKernels: boolean | undefined;
  /** See `WebGpuBackendOptions`. */
  readonly weights: WeightStorage | undefined;
  /** Called by `close`. */
  readonly onClose?: (() => void) | undefined;
}

/** After the device is lost, calls throw `DEVICE_LOST`. Errors of the backend's own device are thrown when values are read. */
export function createDeviceBackend(
  tf: Tfjs,
  { WebGPUBackend }: typeof webgpu,
  { name, device, own, info, ownKernels = true, weights, onClose }: DeviceBackendOptions,
): Backend {
  type Arguments = ConstructorParameters<typeof WebGPUBackend>;
  const instance = new WebGPUBackend(device as unknown as Arguments[0], info as Arguments[1]);
  // Otherwise tfjs would sometimes compute small tensors in JavaScript; one code path is more reliable. tfjs's flag
  // for it, WEBGPU_CPU_FORWARD, would apply to the whole process.
  instance.shouldExecuteOnCPU = () => false;
  const lost = device.lost.then(({ reason, message }) => message || reason || 'no reason given');
  const problem = own ? firstProblem(device) : undefined;
  const half = weights === 'float16' ? createHalfWeights(tf) : undefined;
  const kernels = ownKernels ? createOwnKernels(tf, instance, half?.halvesOf) : undefined;
  const constants = half?.watcher;
  // All buffers not yet destroyed: in use, or kept for reuse.
  const deviceBytes = () => instance.memory().numBytesAllocatedInGPU;
  return createOwnBackend(tf, 'webgpu', instance, {
    ...{ name, kernels, constants, lost, problem, deviceBytes, onClose },
  });
}

/** tfjs ignores device errors: a shader that does not compile would silently give zeros. */
function firstProblem(device: GpuDevice): () => string | undefined {
  let first: string | undefined;
  device.addEventListener('uncapturederror', ({ error }) => {
    first ??= error.message;
  });
  return () => first;
}
