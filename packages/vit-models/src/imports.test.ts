/** No file of this package imports itself through others: a circle leaves names undefined in some order of loading. */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const folder = dirname(fileURLToPath(import.meta.url));

/** The local imports of every file, types included: `block.ts → ['params.ts', …]`. */
function importsByFile(): Map<string, readonly string[]> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  );
  return new Map(
    files.map((file) => {
      const name = relative(folder, join(folder, file)).split(sep).join('/');
      const text = readFileSync(join(folder, file), 'utf8');
      const found = [...text.matchAll(/^(?:import|export|\}) ?[^'\n]*from '(\.[^']*)\.js';$/gm)];
      return [name, found.map(([, path]) => `${posix.join(posix.dirname(name), path!)}.ts`)];
    }),
  );
}

/** Files that import each other in a circle, the first one again at the end; nothing where there is none. */
function findCircle(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const next of imports.get(file) ?? []) {
      const circle = visit(next, [...path, file]);
      if (circle.length > 0) return circle;
    }
    done.add(file);
    return [];
  };
  for (const file of imports.keys()) {
    const circle = visit(file, []);
    if (circle.length > 0) return circle;
  }
  return [];
}

it('has no circle of imports', () => {
  const imports = importsByFile();
  expect(imports.get('block.ts')).toEqual(
    expect.arrayContaining(['block-plan.ts', 'reducer.ts', 'params.ts']),
  );
  for (const [file, names] of imports) {
    for (const name of names) expect(imports.has(name), `${file} imports ${name}`).toBe(true);
  }
  expect(findCircle(imports)).toEqual([]);
});

it('would find one', () => {
  const imports = new Map([
    ['a.ts', ['b.ts']],
    ['b.ts', ['c.ts', 'd.ts']],
    ['c.ts', []],
    ['d.ts', ['b.ts']],
  ]);
  expect(findCircle(imports)).toEqual(['b.ts', 'd.ts', 'b.ts']);
});
