/** The backends that run in Node. `npm test -- --backend=NAME` runs the conformance suite on one of them alone. */

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
  /** As reports call it. */
  readonly title: string;
  readonly open: () => Promise<Backend>;
  readonly exclusions?: readonly Exclusion[];
}

const nodeBackends: readonly NodeBackend[] = [
  { name: 'cpu', title: 'cpu', open: createCpuBackend },
  { name: 'wasm', title: 'wasm', open: createWasmBackend },
  {
    name: 'webgpu-node',
    title: 'webgpu through Dawn',
    open: createWebGpuNodeBackend,
    exclusions: webgpuExclusions,
  },
  { name: 'node', title: 'libtensorflow', open: createNodeBackend },
  { name: 'node-gpu', title: 'libtensorflow on CUDA', open: createNodeGpuBackend },
];

/** The one asked for with `--backend`, or those that run everywhere. */
export function chosenBackends(): readonly NodeBackend[] {
  const wanted = process.env['PATCHSLIM_TFJS_BACKEND'];
  if (wanted !== undefined) return [nodeBackend(wanted)];
  return [nodeBackend('cpu'), nodeBackend('wasm')];
}

/** @throws `UNKNOWN_NAME` */
export const nodeBackend = (name: string): NodeBackend => findByName(nodeBackends, name, 'backend of tfjs');
