/**
 * Every link in the Markdown of the repository, and what is wrong with it. `npm run links -w docs` lists those that lead out of
 * the repository; a test checks the others, and how these are written. Nothing is fetched.
 */

import { existsSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './repository.js';
import { createSlugger } from './slug.js';

export interface Page {
  /** From the repository. */
  readonly path: string;
  readonly links: readonly string[];
  readonly anchors: ReadonlySet<string>;
}

const generated = new Set(['node_modules', 'dist', 'out', 'cache', 'test-results', 'coverage']);

/** All pages of the repository. */
export async function readPages(folder = root): Promise<Page[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry) => {
      if (entry.isDirectory()) {
        const skipped = generated.has(entry.name) || entry.name.startsWith('.');
        return skipped ? [] : readPages(join(folder, entry.name));
      }
      if (!entry.name.endsWith('.md')) return [];
      const file = join(folder, entry.name);
      return [readPage(relative(root, file), await readFile(file, 'utf8'))];
    }),
  );
  return found.flat();
}

/** Links and anchors of a page; what stands in code is neither. */
export function readPage(path: string, markdown: string): Page {
  const lines = markdown.replace(/^(```|~~~)[^\n]*\n[\s\S]*?^\1 *$/gm, '');
  const slug = createSlugger();
  const headings = [...lines.matchAll(/^#{1,6} +(.+?) *#* *$/gm)].map(([, heading]) => slug(heading!));
  const ids = [...lines.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id!);
  const text = lines.replace(/`[^`\n]*`/g, '`');
  const inline = text.matchAll(/\]\(<?([^)\s>]*)>?(?: +"[^"]*")?\)/g);
  const references = text.matchAll(/^\[[^\]]+\]: +(\S+)/gm);
  const html = text.matchAll(/\b(?:href|src)="([^"]+)"/g);
  const automatic = text.matchAll(/<(https?:[^>\s]+)>/g);
  const links = [inline, references, html, automatic].flatMap((found) => [...found].map(([, link]) => link!));
  return { path, links, anchors: new Set([...headings, ...ids]) };
}

export const isExternal = (link: string): boolean => /^[a-z][a-z+.-]*:/i.test(link);

/** What is wrong with a link, or undefined. */
export function problemOf(link: string, page: Page, pages: ReadonlyMap<string, Page>): string | undefined {
  if (isExternal(link)) return externalProblem(link);
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page.path : resolveLink(path, page.path);
  if (target.startsWith('..')) return 'leads out of the repository';
  const onSite = page.path.startsWith('docs/');
  if (onSite && !target.startsWith('docs/')) return 'leads out of the site';
  if (!existsSync(join(root, target))) return `${target} does not exist`;
  if (onSite && statSync(join(root, target)).isDirectory())
    return 'is a folder, which the site has no page for';
  if (anchor === undefined) return undefined;
  const there = pages.get(target);
  if (!there) return `${target} has no anchors`;
  return there.anchors.has(anchor) ? undefined : `${target} has no heading #${anchor}`;
}

/** A path from the repository; `/x` on a page of the site is a file in `public`. */
function resolveLink(path: string, from: string): string {
  if (path.startsWith('/')) return join('docs/public', path);
  return join(dirname(from), decodeURI(path)).replace(/\/$/, '');
}

function externalProblem(link: string): string | undefined {
  if (!URL.canParse(link)) return 'is no address';
  const { protocol, hostname } = new URL(link);
  if (protocol !== 'https:') return 'does not begin with https:';
  return hostname.includes('.') && !/[.,;:]$/.test(link) ? undefined : 'is no address';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { path, links } of await readPages()) {
    for (const link of links.filter(isExternal)) console.log(`${path}: ${link}`);
  }
}
