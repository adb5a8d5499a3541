/**
 * Writes reference/*.md from the docstrings: `npm run reference -w docs`. The first part of each page is written by hand.
 * A test fails when a page is not what this gives, and when an exported name has no docstring.
 */

import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { withGenerated } from './markdown/generated.js';
import { root } from './markdown/repository.js';
import { readExports, type PackageExports } from './reference/read-exports.js';
import { linksTo, renderPackage } from './reference/render.js';

export interface ReferencePage {
  /** From the repository. */
  readonly path: string;
  readonly text: string;
}

export interface Reference {
  readonly pages: readonly ReferencePage[];
  /** Exported names without a docstring of their own. */
  readonly undocumented: readonly string[];
}

/** The pages as they should be: their written parts as they are, then what the docstrings say. */
export async function renderReference(): Promise<Reference> {
  const packages = await readExports();
  const links = linksTo(packages);
  const options = (await resolveConfig(`${root}docs/reference/index.md`)) ?? {};
  const pages = await Promise.all(
    packages.map(async (each) => {
      const path = `docs/reference/${each.folder}.md`;
      const text = await withGenerated(root + path, 'reference', renderPackage(each, links), freshPart(each));
      return { path, text: await format(text, { ...options, parser: 'markdown' }) };
    }),
  );
  const undocumented = packages.flatMap(({ entries }) =>
    entries.flatMap(({ specifier, exports }) =>
      exports
        .filter(({ summary, sameAs }) => summary === '' && !sameAs)
        .map(({ name }) => `${specifier} ${name}`),
    ),
  );
  return { pages, undocumented };
}

const freshPart = ({ folder, description, entries }: PackageExports): string =>
  `# ${entries[0]!.specifier}\n\n${description} README: \`packages/${folder}/README.md\`.\n\n`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { pages, undocumented } = await renderReference();
  for (const { path, text } of pages) await writeFile(root + path, text);
  console.log(`${pages.length} pages`);
  for (const name of undocumented) console.error(`no docstring: ${name}`);
}
