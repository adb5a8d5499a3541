/** A backend that computes only shapes and records every call, to count a program without running it. */

import {
  createBackend,
  opTable,
  PatchslimError,
  type Backend,
  type Kernels,
  type OpCall,
  type OpName,
} from '@patchslim/tensor';
import type { CountedCall } from './convention.js';

/** Composites recorded as their parts, so that their matrix products count; all others are recorded as one call. */
const opened: ReadonlySet<OpName> = new Set<OpName>([
  'linear',
  'fusedLinear',
  'mergeRows',
  'attention',
  'attentionProbabilities',
  'conv2d',
]);

/** A backend that computes no values and records all calls. */
export interface CountingBackend extends Backend {
  /** All calls so far, in order. */
  readonly calls: readonly CountedCall[];
}

/** Creates a counting backend without calls. */
export function createCountingBackend(): CountingBackend {
  const calls: CountedCall[] = [];
  const note = ({ op, path, inputs, attrs, output }: OpCall) => {
    calls.push({ op, path, inputs: inputs.map(({ shape, dtype }) => ({ shape, dtype })), attrs, output });
    return undefined;
  };
  const names = Object.keys(opTable) as OpName[];
  const kernels = Object.fromEntries(names.filter((name) => !opened.has(name)).map((name) => [name, note]));
  const backend = createBackend({
    name: 'counter',
    kernels: kernels as unknown as Kernels,
    upload: () => undefined,
    download: () => {
      throw new PatchslimError('UNSUPPORTED_OP', 'data(): the counting backend has shapes but no values');
    },
    release: () => undefined,
  });
  return Object.assign(backend, { calls });
}
