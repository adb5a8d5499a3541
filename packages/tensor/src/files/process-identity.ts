/** Identity of a process: its number is unique only on one machine and in one process namespace. */

import { nodeFs, nodeOs } from './node.js';

/**
 * Names the scope of this process's number: the machine since its last boot, and the container on
 * it. 16 hex digits. Containers on one machine share the boot id but differ in the inode of their process namespace.
 * Undefined on systems without these (macOS, Windows); there, nobody can tell whether a process has ended.
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

/** Signal 0 only tests. A process that rejects the signal exists. A reused number counts as running. */
export function isRunning(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
