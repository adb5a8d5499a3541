/** The reference is what the docstrings say, and every exported name has one. */

import { beforeAll, describe, expect, it } from 'vitest';
import { packageEntries } from '../scripts/reference/entry-points.js';
import { renderReference, type Reference } from '../scripts/reference.js';
import { readPage } from './pages.js';

describe('reference', async () => {
  const packages = await packageEntries();
  let reference: Reference;
  beforeAll(async () => {
    reference = await renderReference();
  }, 180_000);

  it('has no exported name without a docstring', () => {
    expect(reference.undocumented).toEqual([]);
  });

  it.each(packages)(
    'has a page of $folder that `npm run reference -w docs` would not change',
    async ({ folder }) => {
      const path = `docs/reference/${folder}.md`;
      const fresh = reference.pages.find((page) => page.path === path);
      expect(await readPage(path)).toBe(fresh?.text);
    },
  );

  // Compiled code and docstrings agree on what there is, but for types, which only docstrings know.
  it.each(packages)(
    'names everything that $folder exports when it is imported',
    async ({ folder, entries }) => {
      const page = await readPage(`docs/reference/${folder}.md`);
      const names = await Promise.all(
        entries.map(async ({ specifier }) => Object.keys((await import(specifier)) as object)),
      );
      expect(names.flat().length).toBeGreaterThan(0);
      expect(names.flat().filter((name) => !page.includes(`\n### ${name}\n`))).toEqual([]);
    },
  );

  it('lists every package on its first page', async () => {
    const index = await readPage('docs/reference/index.md');
    expect(packages.filter(({ folder }) => !index.includes(`(./${folder}.md)`))).toEqual([]);
  });
});
