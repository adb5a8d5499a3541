/** Counts the work of a WebGPU device at the device itself: dispatches, bytes written, bytes allocated. */

import type { GpuDevice } from '../src/gpu.js';

export interface GpuCounts {
  readonly dispatches: number;
  /** Sizes of the buffers that the dispatches write: tfjs binds the result first, and a dispatch writes it in full. */
  readonly bytesWritten: number;
}

/** The device methods that the counter observes. */
interface CountedDevice {
  createBuffer(descriptor: object): CountedBuffer;
  createBindGroup(descriptor: { readonly entries: Iterable<BindGroupEntry> }): object;
  createCommandEncoder(...rest: unknown[]): {
    beginComputePass(...rest: unknown[]): {
      setBindGroup(index: number, group: object, ...rest: unknown[]): void;
      dispatchWorkgroups(...counts: number[]): void;
    };
  };
}
interface CountedBuffer {
  readonly size: number;
  destroy(): void;
}
interface BindGroupEntry {
  readonly binding: number;
  readonly resource: { readonly buffer?: CountedBuffer };
}

export interface GpuCounter {
  /** Counts while `body` runs. */
  count(body: () => Promise<void>): Promise<GpuCounts>;
  /** Current size of all buffers of the device, in bytes. */
  readonly bytes: number;
  /** Peak size of all buffers of the device, in bytes. */
  readonly peakBytes: number;
}

/** Starts to count on `device`, which works as before. */
export function countGpu(device: GpuDevice): GpuCounter {
  const counted = device as unknown as CountedDevice;
  let dispatches = 0;
  let bytesWritten = 0;
  let bytes = 0;
  let peakBytes = 0;
  const written = new WeakMap<object, number>();

  const createBuffer = counted.createBuffer.bind(device);
  counted.createBuffer = (descriptor) => {
    const buffer = createBuffer(descriptor);
    const { size } = buffer;
    bytes += size;
    peakBytes = Math.max(peakBytes, bytes);
    const destroy = buffer.destroy.bind(buffer);
    let alive = true;
    buffer.destroy = () => {
      if (alive) bytes -= size;
      alive = false;
      destroy();
    };
    return buffer;
  };

  const createBindGroup = counted.createBindGroup.bind(device);
  counted.createBindGroup = (descriptor) => {
    const group = createBindGroup(descriptor);
    const result = [...descriptor.entries].find(({ binding }) => binding === 0);
    written.set(group, result!.resource.buffer!.size);
    return group;
  };

  const createCommandEncoder = counted.createCommandEncoder.bind(device);
  counted.createCommandEncoder = (...rest) => {
    const encoder = createCommandEncoder(...rest);
    const beginComputePass = encoder.beginComputePass.bind(encoder);
    encoder.beginComputePass = (...rest) => {
      const pass = beginComputePass(...rest);
      const setBindGroup = pass.setBindGroup.bind(pass);
      const dispatchWorkgroups = pass.dispatchWorkgroups.bind(pass);
      let bound = 0;
      pass.setBindGroup = (index, group, ...rest) => {
        bound = written.get(group)!;
        setBindGroup(index, group, ...rest);
      };
      pass.dispatchWorkgroups = (...sizes) => {
        dispatches++;
        bytesWritten += bound;
        dispatchWorkgroups(...sizes);
      };
      return pass;
    };
    return encoder;
  };

  return {
    async count(body) {
      const before = { dispatches, bytesWritten };
      await body();
      return {
        dispatches: dispatches - before.dispatches,
        bytesWritten: bytesWritten - before.bytesWritten,
      };
    },
    get bytes() {
      return bytes;
    },
    get peakBytes() {
      return peakBytes;
    },
  };
}
