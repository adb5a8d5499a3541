/** The backend destroys its GPU device if ONNX Runtime fails to start. In a separate page, because the runtime stays broken. */

import { expect, it } from 'vitest';
import { createOnnxWebBackend, type GpuDevice } from './index.js';

interface Adapter {
  requestDevice(...descriptor: unknown[]): Promise<GpuDevice>;
}

it('destroys its device when the session does not open', async () => {
  const { prototype } = (globalThis as unknown as { GPUAdapter: { prototype: Adapter } }).GPUAdapter;
  const request = Reflect.get<Adapter, 'requestDevice'>(prototype, 'requestDevice');
  const devices: GpuDevice[] = [];
  prototype.requestDevice = async function (this: Adapter, ...descriptor) {
    const device = await request.apply(this, descriptor);
    devices.push(device);
    return device;
  };
  const opening = createOnnxWebBackend({ provider: 'webgpu', wasmPaths: '/nowhere/' });
  await expect(opening).rejects.toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
  expect(devices).toHaveLength(1);
  const lost = await Promise.race([
    devices[0]!.lost.then(({ reason }) => reason),
    new Promise((resolve) => setTimeout(resolve, 2000, 'still open')),
  ]);
  expect(lost).toBe('destroyed');
});
