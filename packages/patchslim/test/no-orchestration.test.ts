/** The command parses, calls the library, and writes files: plans are made in one place. */

import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const packages = fileURLToPath(new URL('../../', import.meta.url));

/** Source files of a package without tests, by their path below `packages`. */
async function sourcesOf(name: string): Promise<Map<string, string>> {
  const folder = join(packages, name, 'src');
  const files = (await readdir(folder, { recursive: true }).catch(() => [])).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  );
  const texts = files.map(
    async (file) => [`${name}/src/${file}`, await readFile(join(folder, file), 'utf8')] as const,
  );
  return new Map(await Promise.all(texts));
}

/** Names between the braces of `import {…}` and `export {…} from`, as the other file calls them. */
const importedNames = (text: string): string[] =>
  [...text.matchAll(/(?:import|export)\s+(?:type\s+)?\{([^}]*)\}\s*from/g)].flatMap(([, list]) =>
    list!.split(',').map((name) =>
      name
        .replace(/^\s*type\s/, '')
        .trim()
        .replace(/\s+as\s.*$/, ''),
    ),
  );

const forbidden =
  /^(splitExamples|splitImages|sampleExamples|makePlan|planByMethod|chooseMethod|searchedCounts|createOracle|createPlan|recover[A-Z]?.*)$/;
/** Of an option and its help. */
const harmless = ['recoverOption', 'recoverHelp', 'recoveryFormats'];

it.each(['patchslim', 'browser'])(
  '%s splits no images, searches nothing and recovers nothing',
  async (name) => {
    const sources = await sourcesOf(name);
    const found = [...sources].flatMap(([file, text]) =>
      importedNames(text)
        .filter((imported) => forbidden.test(imported) && !harmless.includes(imported))
        .map((imported) => `${file}: ${imported}`),
    );
    expect(found).toEqual([]);
    // The pattern sees imports over several lines: those that do the work instead are found.
    expect([...sources.values()].flatMap(importedNames)).toContain('slim');
  },
);

it('a plan comes from one file', async () => {
  const calling: string[] = [];
  for (const name of await readdir(packages)) {
    for (const [file, text] of await sourcesOf(name)) {
      const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      if (/(?<!function )\bcreatePlan\(/.test(code)) calling.push(file);
    }
  }
  expect(calling).toEqual(['slimming/src/plan-by-method.ts']);
});
