/**
 * What the tests leave to the nightly run (`npm run test:nightly`). `tools/config/vitest.js` provides the setting, because a
 * page has no environment.
 */

import { describe, inject, it, type TestFunction, type TestOptions } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    nightly: boolean;
  }
}

/** Whether this is the nightly run. */
export const nightly = inject('nightly');

/** Every `step`-th case; all cases in the nightly run. */
export const sampleByDay = <T>(step: number, cases: readonly T[]): readonly T[] =>
  cases.filter((_, index) => nightly || index % step === 0);

/**
 * The first of several cases on a GPU; all cases in the nightly run. Software GPUs take half a minute where other backends
 * take half a second.
 */
export const fewOnGpu = <T>(cases: readonly T[], isGpu: boolean): readonly T[] =>
  nightly || !isGpu ? cases : cases.slice(0, 1);

/** A test of the nightly run alone. */
export function atNight(name: string, options: TestOptions | TestFunction, run?: TestFunction): void {
  if (!nightly) return;
  if (typeof options === 'function') it(name, options);
  else it(name, options, run);
}

/** Tests of the nightly run alone. */
export function describeAtNight(name: string, options: TestOptions, tests: () => void): void {
  if (nightly) describe(name, options, tests);
}
