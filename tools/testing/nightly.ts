/** Length of fuzzing, and whether long tests run: short in normal test runs, long in the nightly run (`npm run test:nightly`). */

/** Whether this is the nightly run. Tests that also run in a page take `nightly` of Vitest's `inject`, as a page has no environment. */
export const nightly = process.env['PATCHSLIM_NIGHTLY'] === '1';

/** Number of inputs of each fuzz test; PATCHSLIM_FUZZ_RUNS overrides it. */
export const fuzzRuns = Number(process.env['PATCHSLIM_FUZZ_RUNS'] ?? (nightly ? 10_000 : 400));
