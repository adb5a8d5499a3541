// Sets of tests whose results guide/versions.md shows, by name.

const onlyPackages = ['--exclude=@patchslim/docs'];
const javascript = [
  'tensor',
  'flop-counter',
  'slimming-schedules',
  'token-reducers',
  'importance-estimators',
];

/** `filters` are Vitest's: parts of paths. `builds`: the targets that the tests try, as Nx's arguments. */
export const sets = {
  all: { filters: [], builds: [] },
  'command-line': { filters: ['packages/patchslim/'] },
  tarballs: { filters: ['tools/package-tests/'], builds: onlyPackages },
  javascript: { filters: javascript.map((name) => `packages/${name}/`) },
  // Every version, of which `npm test` tries some.
  typescript: {
    filters: ['tools/package-tests/test/typescript.test.ts'],
    builds: onlyPackages,
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
