/** What processes that were killed left behind is known by the process number in its name. */

import { nodeFs, nodePath } from './node.js';

/**
 * Removes what is called `prefix`, the number of a process that is gone, a dot or a hyphen, and anything. What cannot
 * be removed, because it is another user's for example, stays.
 */
export async function removeAbandoned(folder: string, prefix: string): Promise<void> {
  const [fs, path] = await Promise.all([nodeFs(), nodePath()]);
  for (const name of await fs.readdir(folder)) {
    const owner = name.startsWith(prefix) ? /^(\d+)[.-]/.exec(name.slice(prefix.length))?.[1] : undefined;
    if (owner === undefined || isRunning(Number(owner))) continue;
    await fs.rm(path.join(folder, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Signal 0 only asks. A process that may not be asked is there. */
function isRunning(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
