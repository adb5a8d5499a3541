/** Pictures of pages, held against those in the repository. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';

/** `PATCHSLIM_UPDATE_SCREENSHOTS=1` takes what is there now for what is wanted: look at it before you commit it. */
const update = process.env['PATCHSLIM_UPDATE_SCREENSHOTS'] === '1';

const wantedFolder = fileURLToPath(new URL('wanted/', import.meta.url));
const gotFolder = fileURLToPath(new URL('../../test-results/screenshots/', import.meta.url));

/**
 * The share of pixels, 0 to 1, in which a picture differs from the one that is wanted; 1 for another size. What was seen
 * and where it differs are written to `docs/test-results/screenshots`.
 */
export async function differenceFromWanted(name: string, png: Buffer): Promise<number> {
  await mkdir(gotFolder, { recursive: true });
  await writeFile(`${gotFolder}${name}.png`, png);
  if (update) await writeFile(`${wantedFolder}${name}.png`, png);
  const wanted = PNG.sync.read(await readFile(`${wantedFolder}${name}.png`));
  const got = PNG.sync.read(png);
  const { width, height } = wanted;
  if (got.width !== width || got.height !== height) return 1;
  const seen = new PNG({ width, height });
  const different = pixelmatch(got.data, wanted.data, seen.data, width, height, { threshold: 0.2 });
  await writeFile(`${gotFolder}${name}-difference.png`, PNG.sync.write(seen));
  return different / (width * height);
}
