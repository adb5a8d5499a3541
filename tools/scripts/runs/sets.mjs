// Sets of tests whose results guide/versions.md shows, by name.

const javascript = [
  'tensor',
  'flop-counter',
  'slimming-schedules',
  'token-reducers',
  'importance-estimators',
];

/** `filters` are Vitest's: parts of paths. `built`: the tests try what was built. */
export const sets = {
  all: { filters: [], built: true },
  'command-line': { filters: ['packages/patchslim/'], built: true },
  tarballs: { filters: ['tools/package-tests/'], built: true },
  javascript: { filters: javascript.map((name) => `packages/${name}/`), built: false },
  // Every version, of which `npm test` tries some.
  typescript: {
    filters: ['tools/package-tests/test/typescript.test.ts'],
    built: true,
    env: { PATCHSLIM_NIGHTLY: '1' },
  },
};

/** Splits words into the names of sets, or Vitest's filters where the first is none. */
export function setsOrFilters(words) {
  if (words.length === 0)
    throw new Error(`expected ${Object.keys(sets).join(', ')}, or parts of paths of tests`);
  const unknown = words.filter((word) => !Object.hasOwn(sets, word));
  if (unknown.length === 0) return { names: words, filters: [] };
  if (unknown.length < words.length)
    throw new Error(`${unknown.join(', ')}: expected ${Object.keys(sets).join(', ')}`);
  return { names: [], filters: words };
}
