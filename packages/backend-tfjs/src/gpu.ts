/** What this package uses of WebGPU, structurally: its types come from no library that every user would need. */

import { PatchslimError } from '@patchslim/tensor';

/** The part of WebGPU's `GPUDevice` that is used here. */
export interface GpuDevice {
  readonly lost: Promise<{ readonly reason?: string | undefined; readonly message: string }>;
  destroy(): void;
  addEventListener(type: 'uncapturederror', listener: (event: GpuErrorEvent) => void): void;
}

/** A command that the device refused; what it should have computed stays zero. */
export interface GpuErrorEvent {
  readonly error: { readonly message: string };
}

/** Options of the two WebGPU backends. */
export interface WebGpuBackendOptions {
  /** A `GPUDevice` to share; it stays yours, and open. One is requested when left out, and destroyed by `close`. */
  readonly device?: GpuDevice | undefined;
  /**
   * Whether ops run on kernels of this package where tfjs needs many dispatches: see `webgpu-kernels`. `true` when
   * left out; `false` leaves all to tfjs, to compare with, or to get round a driver that does not like our shaders.
   */
  readonly ownKernels?: boolean | undefined;
  /**
   * How the GPU keeps the weights of layers (`linear`) that are constants and four columns wide or a multiple: as float16
   * they take half of the memory and lose digits behind the third; sums stay float32. On every GPU, with `ownKernels`.
   * @default 'float32'
   */
  readonly weights?: WeightStorage | undefined;
}

/** How the GPU keeps weights. */
export type WeightStorage = 'float32' | 'float16';

/** @throws `INVALID_ARGUMENT` */
export function checkOptions(name: string, { ownKernels = true, weights }: WebGpuBackendOptions): void {
  if (ownKernels || weights !== 'float16') return;
  throw new PatchslimError('INVALID_ARGUMENT', `${name}: only kernels of our own take weights of float16`);
}

export interface GpuAdapter {
  readonly limits: object;
  readonly info?: unknown;
  requestDevice(descriptor: { requiredLimits: Record<string, number> }): Promise<GpuDevice>;
}

/** `navigator.gpu`. */
export interface Gpu {
  requestAdapter(options: { powerPreference: 'high-performance' }): Promise<GpuAdapter | null>;
}

/** Limits that tfjs's kernels profit from: what the adapter has is asked for in full. */
const limitNames = [
  'maxBufferSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
] as const;

/** A backend on a device of its own, which ends with it, also when the backend cannot be made. */
export async function onOwnDevice<T>(
  gpu: Gpu,
  open: (device: GpuDevice, info: unknown, onClose: () => void) => T,
): Promise<T> {
  const { device, info } = await requestDevice(gpu);
  try {
    return open(device, info, () => device.destroy());
  } catch (error) {
    device.destroy();
    throw error;
  }
}

/** A device of one's own, with what tfjs wants to know of its adapter. Throws where there is no adapter. */
export async function requestDevice(gpu: Gpu): Promise<{ device: GpuDevice; info: unknown }> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Error('WebGPU has no adapter here');
  const limits = adapter.limits as Readonly<Record<string, number>>;
  const requiredLimits = Object.fromEntries(limitNames.map((name) => [name, limits[name]!]));
  return { device: await adapter.requestDevice({ requiredLimits }), info: adapter.info };
}
