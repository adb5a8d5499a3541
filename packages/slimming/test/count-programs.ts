/** The programs that are alive on a backend, counted at the backend; and trouble at a place of one's choice. */

import { PatchslimError, type Backend } from '@patchslim/tensor';

/** Which call fails, counted from 1; none when left out. */
export interface Trouble {
  readonly compile?: number;
  readonly dispose?: number;
}

/** From now on `backend` counts; all it is asked for it does as before, but for the call that is to fail. */
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

/** From now on `backend` refuses to take the values of one constant, counted from 1. */
export function refuseUpload(backend: Backend, nth: number): void {
  const constant = backend.constant.bind(backend);
  let count = 0;
  backend.constant = (host) => {
    if (++count === nth) throw new PatchslimError('BACKEND_UNAVAILABLE', `upload ${nth} fails, for a test`);
    return constant(host);
  };
}
