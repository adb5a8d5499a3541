/** Length of fuzzing: short in normal test runs, long in the nightly run (`npm run test:nightly`). */

/** Number of inputs of each fuzz test; PATCHSLIM_FUZZ_RUNS overrides it. */
export const fuzzRuns = Number(
  process.env['PATCHSLIM_FUZZ_RUNS'] ?? (process.env['PATCHSLIM_NIGHTLY'] === '1' ? 10_000 : 400),
);
