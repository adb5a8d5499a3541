/** Who a process is: its number means something only beside the machine and the process namespace that gave it. */

import { nodeFs, nodeOs } from './node.js';

/**
 * Names the place where process numbers are those of this process: the machine since it was started, and the container on
 * it. 16 hex digits. Containers of one machine share the boot id; the inode of their process namespace tells them apart.
 * Undefined where the system does not say (macOS, Windows): then nobody can know whether a process is gone.
 */
export async function hostToken(): Promise<string | undefined> {
  const [fs, os] = await Promise.all([nodeFs(), nodeOs()]);
  try {
    const [boot, processes] = await Promise.all([
      fs.readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
      fs.readlink('/proc/self/ns/pid'),
    ]);
    const text = JSON.stringify([os.hostname(), boot.trim(), processes]);
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
    return [...new Uint8Array(digest, 0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  } catch {
    return undefined;
  }
}

/** Signal 0 only asks. A process that may not be asked exists. A number that was given again counts as running. */
export function isRunning(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
