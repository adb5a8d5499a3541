/** A backend that computes shapes only and notes every call: what a program would cost, without running it. */

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

/** Composites noted by their parts, so that their matrix products are seen; all others are noted as one call. */
const opened: ReadonlySet<OpName> = new Set<OpName>([
  'linear',
  'fusedLinear',
  'mergeRows',
  'attention',
  'attentionProbabilities',
]);

/** A backend that computes nothing and notes what is asked of it. */
export interface CountingBackend extends Backend {
  /** All calls so far, in order. */
  readonly calls: readonly CountedCall[];
}

/** A counting backend that has noted nothing yet. */
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
      throw new PatchslimError('UNSUPPORTED_OP', 'data(): the counting backend has shapes, no values');
    },
    release: () => undefined,
  });
  return Object.assign(backend, { calls });
}
