/** How long fuzzing is: short in every run of the tests, long in the nightly one (`npm run test:nightly`). */

/** Inputs of each fuzz test; PATCHSLIM_FUZZ_RUNS sets another number. */
export const fuzzRuns = Number(
  process.env['PATCHSLIM_FUZZ_RUNS'] ?? (process.env['PATCHSLIM_NIGHTLY'] === '1' ? 10_000 : 400),
);
