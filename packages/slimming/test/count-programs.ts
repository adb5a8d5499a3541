/** Counts the live programs on a backend, and injects failures. */

import { PatchslimError, type Backend } from '@patchslim/tensor';

/** The call that fails, counted from 1. Default: none. */
export interface Trouble {
  readonly compile?: number;
  readonly dispose?: number;
}

/** Makes `backend` count its calls. It works as before, except for the failing call. */
export function countPrograms(backend: Backend, trouble: Trouble = {}): { readonly live: number } {
  const compile = backend.compile.bind(backend);
  const counts = { compile: 0, dispose: 0, live: 0 };
  const meet = (kind: keyof Trouble): void => {
    counts[kind]++;
    if (counts[kind] === trouble[kind]) {
      throw new PatchslimError('BACKEND_UNAVAILABLE', `${kind} ${counts[kind]} fails, for a test`);
    }
  };
  backend.compile = async (fn, inputs) => {
    meet('compile');
    const program = await compile(fn, inputs);
    counts.live++;
    return {
      ...program,
      async dispose() {
        await program.dispose();
        counts.live--;
        meet('dispose');
      },
    };
  };
  return counts;
}

/** Makes `backend` refuse one constant, counted from 1. */
export function refuseUpload(backend: Backend, nth: number): void {
  const constant = backend.constant.bind(backend);
  let count = 0;
  backend.constant = (host) => {
    if (++count === nth) throw new PatchslimError('BACKEND_UNAVAILABLE', `upload ${nth} fails, for a test`);
    return constant(host);
  };
}
