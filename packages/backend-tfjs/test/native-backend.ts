/** The backend that rarely run tests are for: `npm run rarely-run -w docs -- tfjs-node` sets the variable. */

import type { Backend } from '@patchslim/tensor';
import { createNodeGpuBackend } from '../src/node-gpu.js';
import { createNodeBackend } from '../src/node.js';

/** `tfjs-node` or `tfjs-node-gpu`. */
export const nativeName =
  process.env['PATCHSLIM_TFJS_BACKEND'] === 'tfjs-node-gpu' ? 'tfjs-node-gpu' : 'tfjs-node';

export const openNative = (): Promise<Backend> =>
  nativeName === 'tfjs-node' ? createNodeBackend() : createNodeGpuBackend();
