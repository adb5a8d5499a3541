/** `npm run sizes`: measures all packages, or the named ones, and writes the line on install size into each README. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureSizes } from './measure-sizes.js';
import { packPackages } from './pack-packages.js';
import { readmePath } from './readme.js';
import { putSizeText, sizeText } from './size-text.js';
import { readPackages } from './workspace-packages.js';

const packages = await readPackages();
const wanted = process.argv.slice(2);
const unknown = wanted.filter((id) => !packages.some((one) => one.id === id));
if (unknown.length > 0)
  throw new Error(`no package ${unknown.join(', ')}; there are ${packages.map(({ id }) => id).join(', ')}`);

const folder = await mkdtemp(join(tmpdir(), 'patchslim-sizes-'));
try {
  const tarballs = await packPackages(packages, folder);
  for (const one of packages.filter(({ id }) => wanted.length === 0 || wanted.includes(id))) {
    const text = sizeText(await measureSizes(one, packages, tarballs));
    await writeFile(readmePath(one), putSizeText(await readFile(readmePath(one), 'utf8'), text));
    console.log(`${one.id}: ${text}`);
  }
} finally {
  await rm(folder, { recursive: true });
}
