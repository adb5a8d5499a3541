/** Links in the Markdown of the repository: files and headings that are there, addresses that can be one. */

import { describe, expect, it } from 'vitest';
import { isExternal, problemOf, readPage, readPages } from '../scripts/markdown/links.js';

describe('links', async () => {
  const list = await readPages();
  const pages = new Map(list.map((page) => [page.path, page]));

  it('are found in the pages of the site, of the packages and of the root', () => {
    for (const path of ['README.md', 'docs/index.md', 'packages/tensor/README.md'])
      expect(pages.get(path)?.links.length, path).toBeGreaterThan(0);
    expect(list.flatMap(({ links }) => links).filter(isExternal).length).toBeGreaterThan(0);
  });

  it.each(list)('of $path lead somewhere', (page) => {
    const problems = page.links.flatMap((link) => {
      const problem = problemOf(link, page, pages);
      return problem === undefined ? [] : [`${link} ${problem}`];
    });
    expect(problems).toEqual([]);
  });
});

describe('checking a page', () => {
  const other = readPage(
    'docs/guide/concepts.md',
    '# Title\n\n## Same\n\n## Same\n\n## `code`, and [a link](x.md)\n',
  );
  const problem = (link: string, from = 'docs/guide/concepts.md') =>
    problemOf(link, { ...other, path: from }, new Map([[other.path, other]]));

  it('knows anchors as GitHub makes them', () => {
    expect([...other.anchors]).toEqual(['title', 'same', 'same-1', 'code-and-a-link']);
    expect(problem('#same-1')).toBeUndefined();
    expect(problem('#same-2')).toBe('docs/guide/concepts.md has no heading #same-2');
  });

  it('finds links in text and none in code', () => {
    const { links } = readPage(
      'x.md',
      '[a](b.md "t") `[c](d.md)` <https://e.org>\n```md\n[f](g.md)\n```\n[h]: i.md\n',
    );
    expect(links).toEqual(['b.md', 'i.md', 'https://e.org']);
  });

  it('says what is wrong', () => {
    expect(problem('./missing.md')).toBe('docs/guide/missing.md does not exist');
    expect(problem('../../README.md')).toBe('leads out of the site');
    expect(problem('../../README.md', 'packages/x/README.md')).toBeUndefined();
    expect(problem('../../../x', 'packages/x/README.md')).toBe('leads out of the repository');
    expect(problem('../guide')).toBe('is a folder, which the site has no page for');
    expect(problem('/nothing.svg')).toBe('docs/public/nothing.svg does not exist');
    expect(problem('/cat.svg')).toBeUndefined();
    expect(problem('http://example.org')).toBe('does not begin with https:');
    expect(problem('https://example')).toBe('is no address');
  });
});
