/** Pages that could go stale agree with the code: commands, and the table of the paper's equations. */

import { existsSync } from 'node:fs';
import { commands } from 'patchslim/cli';
import { describe, expect, it } from 'vitest';
import { readPages } from '../scripts/markdown/links.js';
import { cliPage, renderCliPage } from '../scripts/cli-page.js';
import { codeBlocks, readPage, root } from './pages.js';

/** Options of every command. */
const everywhere = ['help', 'json', 'quiet'];

/** The calls of `patchslim` in the shell blocks of a page, with the names of their options. */
async function shownCommands(
  path: string,
): Promise<{ readonly path: string; readonly command: string; readonly options: readonly string[] }[]> {
  const page = await readPage(path);
  const lines = ['sh', 'bash'].flatMap((language) => codeBlocks(page, language));
  return lines
    .flatMap((block) => block.replaceAll('\\\n', ' ').split(/\n|&&|;|\|/))
    .flatMap((line) => {
      const [, command, rest] =
        /^\s*(?:npx )?patchslim ([a-z]+)\b(.*)$/.exec(line.replace(/ #.*$/, '')) ?? [];
      const options = [...(rest ?? '').matchAll(/ --([a-z][a-z-]*)/g)].map(([, option]) => option!);
      return command === undefined ? [] : [{ path, command, options }];
    });
}

it('guide/cli.md is the help of the commands', { timeout: 60_000 }, async () => {
  expect(await renderCliPage()).toBe(await readPage(cliPage.slice(root.length)));
});

it('pages show commands with options that these have', async () => {
  const pages = (await readPages()).map(({ path }) => path);
  const shown = (await Promise.all(pages.map(shownCommands))).flat();
  expect(shown.length).toBeGreaterThan(40);
  expect(shown.filter(({ command }) => !commands.some(({ name }) => name === command))).toEqual([]);
  const unknown = shown.filter(({ command, options }) => {
    const known = Object.keys(commands.find(({ name }) => name === command)!.options);
    return options.some((option) => ![...known, ...everywhere].includes(option));
  });
  expect(unknown).toEqual([]);
});

it('guide/quick-start.md shows the program of README.md, which a test runs', async () => {
  const [program] = codeBlocks(await readPage('docs/guide/quick-start.md'), 'js');
  const [inReadme] = codeBlocks(await readPage('README.md'), 'js');
  expect(program).toBe(inReadme!.replace(/ *\/\/ .*$/gm, ''));
});

it('guide/not-run-here.md names every backend that the tests could not run', async () => {
  const page = await readPage('docs/guide/not-run-here.md');
  const [, table] = (await readPage('docs/guide/backends.md')).split('## Not run here');
  const commands = [...table!.matchAll(/`(npm run rarely-run [^`]+)`/g)].map(([, command]) => command!);
  expect(commands.length).toBeGreaterThan(0);
  expect(commands.filter((command) => !page.includes(command))).toEqual([]);
});

describe('guide/paper.md', async () => {
  const page = await readPage('docs/guide/paper.md');
  const files = [...page.matchAll(/`(packages\/[\w./-]+\.ts)`/g)].map(([, path]) => path!);
  // Behind a test file, up to the next file or the end of the line: the names of its tests.
  const tests = [...page.matchAll(/`(packages\/[\w./-]+\.test\.ts)`([^`\n]*)/g)].flatMap(([, path, names]) =>
    [...names!.matchAll(/“([^”]+)”/g)].map(([, name]) => [name!, path!] as const),
  );

  it('names files that exist', () => {
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter((path) => !existsSync(root + path))).toEqual([]);
  });

  it.each(tests)('names a test that exists: “%s” in %s', async (name, path) => {
    expect(await readPage(path)).toContain(name);
  });
});

describe('text', () => {
  it('of the root files and of the page on failures names paths that exist', async () => {
    const failures = 'docs/guide/when-things-go-wrong.md';
    for (const page of ['README.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md', failures]) {
      const named = [...(await readPage(page)).matchAll(/`((?:packages|docs|tools)\/[\w./-]+)`/g)];
      const missing = named.map(([, path]) => path!).filter((path) => !existsSync(root + path));
      expect({ page, missing }).toEqual({ page, missing: [] });
    }
  });
});
