/** The backends that run in Node. `npm test -- --backend=NAME` runs the conformance suite on only one. */

import { findByName, type Backend } from '@patchslim/tensor';
import type { Exclusion } from '@patchslim/tensor/conformance';
import { createCpuBackend } from '../src/cpu.js';
import { createNodeGpuBackend } from '../src/node-gpu.js';
import { createNodeBackend } from '../src/node.js';
import { createWasmBackend } from '../src/wasm.js';
import { createWebGpuNodeBackend } from '../src/webgpu-node.js';
import { webgpuExclusions } from './exclusions.js';

export interface NodeBackend {
  readonly name: string;
  readonly open: () => Promise<Backend>;
  readonly exclusions?: readonly Exclusion[];
}

const nodeBackends: readonly NodeBackend[] = [
  { name: 'tfjs-cpu', open: createCpuBackend },
  { name: 'tfjs-wasm', open: createWasmBackend },
  {
    name: 'tfjs-webgpu',
    open: createWebGpuNodeBackend,
    exclusions: webgpuExclusions,
  },
  { name: 'tfjs-node', open: createNodeBackend },
  { name: 'tfjs-node-gpu', open: createNodeGpuBackend },
];

/** The backend given by `--backend`, or all portable ones. */
export function chosenBackends(): readonly NodeBackend[] {
  const wanted = process.env['PATCHSLIM_TFJS_BACKEND'];
  if (wanted !== undefined) return [nodeBackend(wanted)];
  return [nodeBackend('tfjs-cpu'), nodeBackend('tfjs-wasm')];
}

/** @throws `UNKNOWN_NAME` */
export const nodeBackend = (name: string): NodeBackend => findByName(nodeBackends, name, 'backend of tfjs');
