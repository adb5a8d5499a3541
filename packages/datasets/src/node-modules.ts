/** Node's modules, imported on use, so that the package also loads in a browser. */

import type * as Fs from 'node:fs/promises';
import type * as Path from 'node:path';

/** `node:fs/promises`. */
export const nodeFs = (): Promise<typeof Fs> =>
  import(/* webpackIgnore: true */ /* @vite-ignore */ 'node:fs/promises');

/** `node:path`. */
export const nodePath = (): Promise<typeof Path> =>
  import(/* webpackIgnore: true */ /* @vite-ignore */ 'node:path');
