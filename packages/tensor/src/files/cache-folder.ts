/** The folder for what patchslim keeps between runs. */

import { nodeOs, nodePath } from './node.js';

/** `XDG_CACHE_HOME`, else `~/.cache` (Node). */
export async function cacheHome(): Promise<string> {
  const [os, path] = await Promise.all([nodeOs(), nodePath()]);
  return process.env['XDG_CACHE_HOME'] || path.join(os.homedir(), '.cache');
}

/** Our own folder: `$XDG_CACHE_HOME/patchslim`, else `~/.cache/patchslim` (Node). Nothing else writes to it. */
export async function cacheFolder(): Promise<string> {
  return (await nodePath()).join(await cacheHome(), 'patchslim');
}
