/** Whether this machine has an NVIDIA driver: a look at files, because loading CUDA's libraries takes a second and a gigabyte. */

import { nodeFs } from './node.js';

/** Devices of the driver on Linux: a server or desktop, WSL, and Jetson. */
const devices = ['/dev/nvidiactl', '/dev/dxg', '/dev/nvmap'];

/** Whether this machine surely has no NVIDIA driver (Node); false on other systems than Linux, where the runtime has to find out. */
export async function lacksNvidiaDriver(): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const fs = await nodeFs();
  const found = await Promise.all(
    devices.map((device) =>
      fs.access(device).then(
        () => true,
        () => false,
      ),
    ),
  );
  return !found.includes(true);
}
