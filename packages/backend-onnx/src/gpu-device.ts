/** The GPU of a page: requests a device for ONNX Runtime and detects its loss. */

import { PatchslimError } from '@patchslim/tensor';

/** The part of WebGPU's `GPUDevice` that this package uses; it does not depend on the WebGPU types. */
export interface GpuDevice {
  readonly lost: Promise<{ readonly reason?: string | undefined; readonly message: string }>;
  destroy(): void;
}

/** The part of WebGPU's `GPUAdapter` that this package uses. */
interface GpuAdapter {
  readonly features: ReadonlySet<string>;
  readonly limits: Readonly<Record<string, number>>;
  requestDevice(wanted: {
    readonly requiredFeatures: readonly string[];
    readonly requiredLimits: Readonly<Record<string, number>>;
  }): Promise<GpuDevice>;
}

interface Gpu {
  requestAdapter(options: { readonly powerPreference: 'high-performance' }): Promise<GpuAdapter | null>;
}

/** Optional features that ONNX Runtime's shaders use. */
const usefulFeatures = ['shader-f16', 'subgroups'];

/** Limits with low defaults in WebGPU; weights and large matrices need the maximum. */
const usefulLimits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
];

/** Requests a device of the fastest GPU. @throws Error with the reason if there is none */
export async function requestGpuDevice(): Promise<GpuDevice> {
  const { gpu } = (globalThis as { readonly navigator?: { readonly gpu?: Gpu } }).navigator ?? {};
  if (!gpu) throw new Error('there is no navigator.gpu: the browser lacks WebGPU, or the page is not secure');
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Error('WebGPU found no adapter');
  return adapter.requestDevice({
    requiredFeatures: usefulFeatures.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(
      usefulLimits.flatMap((limit) =>
        adapter.limits[limit] === undefined ? [] : [[limit, adapter.limits[limit]]],
      ),
    ),
  });
}

/** Watches for the loss of a device; after the loss, the returned function throws `DEVICE_LOST`. */
export function watchGpuDevice(device: GpuDevice, runtime: string): () => void {
  let lost: PatchslimError | undefined;
  void device.lost.then(({ reason = 'unknown', message }) => {
    lost = new PatchslimError(
      'DEVICE_LOST',
      `the GPU device of ${runtime} is lost (${reason}: ${message}); its programs are gone; open a new backend`,
      { reason, message },
    );
  });
  return () => {
    if (lost) throw lost;
  };
}
