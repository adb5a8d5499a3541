/** Node's modules, imported on use, so that packages with file access also load in a browser. */

import type * as Fs from 'node:fs/promises';
import type * as Os from 'node:os';
import type * as Path from 'node:path';

/** Whether this is Node. */
export const isNode = (): boolean =>
  typeof process !== 'undefined' && typeof process.versions?.node === 'string';

/** Node's `fs/promises`. */
export const nodeFs = (): Promise<typeof Fs> =>
  import(/* webpackIgnore: true */ /* @vite-ignore */ 'node:fs/promises');

/** Node's `os`. */
export const nodeOs = (): Promise<typeof Os> =>
  import(/* webpackIgnore: true */ /* @vite-ignore */ 'node:os');

/** Node's `path`. */
export const nodePath = (): Promise<typeof Path> =>
  import(/* webpackIgnore: true */ /* @vite-ignore */ 'node:path');
