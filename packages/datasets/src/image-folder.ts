/** Image folders on disk, in the three layouts that people have: a label file, a folder per class, or just images. */

import { type LongCallOptions, PatchslimError } from '@patchslim/tensor';
import { invalidCsv } from './csv.js';
import { fileError } from './file-error.js';
import { parseLabels } from './labels-csv.js';
import { nodeFs, nodePath } from '@patchslim/tensor/files';
import { orderedMap } from './ordered-map.js';
import { readFileUpTo } from './read-file.js';

/** One image file. */
export interface ImageExample {
  /** Absolute path. */
  readonly path: string;
  /** Path relative to the folder, with `/` on every system: the name of the image in plans and reports. */
  readonly id: string;
  /** Class index from 0; absent in a folder without labels. */
  readonly label?: number;
  /** Line of `labels.csv`, from 1, that names the image. */
  readonly line?: number;
}

/** The images of a folder, sorted by `id`. */
export interface ImageFolder {
  /** Absolute path. */
  readonly dir: string;
  readonly examples: readonly ImageExample[];
  /** Whether the examples have labels: all have, or none. */
  readonly labelled: boolean;
  /** Names by class index; known when there is one sub-folder per class. */
  readonly classNames?: readonly string[];
}

const where = 'openImageFolder';
const labelFile = 'labels.csv';
const largestLabelFile = 256_000_000; // bytes: millions of images
const imageName = /\.(jpe?g|png|webp)$/i;

// File system calls share libuv's few threads; more of them in flight gain nothing.
const pool = { concurrency: 4, ahead: 64, where };

/**
 * Lists the images of `dir` without decoding any.
 *
 * With a `labels.csv` in `dir` (a header with `file` and `class_index`) the images are the ones it names. Otherwise the
 * images lie either in one sub-folder per class, whose sorted names count up from class 0, or in `dir` itself,
 * unlabelled. An image is a `.jpg`, `.jpeg`, `.png` or `.webp`; names beginning with a dot are passed over.
 * Progress counts images that were found to exist.
 *
 * @throws `NOT_FOUND` no such folder; `DATA_INVALID` no images, a mixed layout, a wrong label file (with the line) or
 * one that names a missing file; `IO_FAILED`; `ABORTED`
 * @example
 * const folder = await openImageFolder('imagenet/val');
 * console.log(folder.examples.length, folder.labelled);
 */
export async function openImageFolder(dir: string, options: LongCallOptions = {}): Promise<ImageFolder> {
  const path = await nodePath();
  const root = path.resolve(dir);
  const entries = await listFolder(root);
  if (entries.files.includes(labelFile)) return openLabelled(root, options);
  const classes = await openClasses(root, entries.folders, options);
  const images = entries.files.filter((name) => imageName.test(name));
  const filled = classes.filter(({ images }) => images.length > 0);
  if (images.length > 0 && filled.length > 0) {
    throw invalidFolder(
      root,
      `images both beside and inside '${filled[0]!.name}': keep one sub-folder per class, or none`,
    );
  }
  if (images.length === 0 && filled.length === 0) {
    throw invalidFolder(root, `no ${labelFile}, and no .jpg, .jpeg, .png or .webp here or one folder below`);
  }
  const empty = classes.find((entry) => entry.images.length === 0);
  if (filled.length > 0 && empty) {
    throw invalidFolder(root, `class folder '${empty.name}' has no images; remove it or fill it`);
  }
  const folder: ImageFolder =
    filled.length > 0
      ? {
          dir: root,
          examples: await classExamples(root, classes),
          labelled: true,
          classNames: classes.map(({ name }) => name),
        }
      : { dir: root, examples: images.map((id) => ({ path: path.join(root, id), id })), labelled: false };
  const total = folder.examples.length;
  options.onProgress?.({ stage: 'open', done: total, total, unit: 'images' });
  return folder;
}

async function openLabelled(root: string, { signal, onProgress }: LongCallOptions): Promise<ImageFolder> {
  const [{ stat }, path] = await Promise.all([nodeFs(), nodePath()]);
  const csv = path.join(root, labelFile);
  const text = new TextDecoder().decode(await readFileUpTo(where, csv, largestLabelFile));
  const rows = parseLabels(text, csv).sort((a, b) => compare(a.id, b.id));
  const checked = orderedMap(
    rows,
    async ({ id, label, line }): Promise<ImageExample> => {
      const image = path.resolve(root, id);
      const file = await stat(image).catch(() => undefined);
      if (!file?.isFile()) throw invalidCsv(csv, line, `'${id}' is not a file in ${root}`);
      return { path: image, id, label, line };
    },
    { ...pool, signal },
  );
  const examples: ImageExample[] = [];
  for await (const example of checked) {
    examples.push(example);
    onProgress?.({ stage: 'open', done: examples.length, total: rows.length, unit: 'images' });
  }
  return { dir: root, examples, labelled: true };
}

interface ClassFolder {
  readonly name: string;
  readonly images: readonly string[];
}

async function openClasses(
  root: string,
  names: string[],
  { signal }: LongCallOptions,
): Promise<ClassFolder[]> {
  const path = await nodePath();
  const listed = orderedMap(
    names,
    async (name): Promise<ClassFolder> => {
      const { files } = await listFolder(path.join(root, name));
      return { name, images: files.filter((file) => imageName.test(file)) };
    },
    { ...pool, signal },
  );
  const classes: ClassFolder[] = [];
  for await (const entry of listed) classes.push(entry);
  return classes;
}

async function classExamples(root: string, classes: readonly ClassFolder[]): Promise<ImageExample[]> {
  const path = await nodePath();
  return classes
    .flatMap(({ name, images }, label) =>
      images.map((image) => ({ path: path.join(root, name, image), id: `${name}/${image}`, label })),
    )
    .sort((a, b) => compare(a.id, b.id));
}

/** Sorted names of the files and folders in `dir`, through symbolic links, without the hidden ones. */
async function listFolder(dir: string): Promise<{ files: string[]; folders: string[] }> {
  const [{ readdir, stat }, path] = await Promise.all([nodeFs(), nodePath()]);
  try {
    const files: string[] = [];
    const folders: string[] = [];
    for (const entry of await readdir(dir, { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue;
      const target = entry.isSymbolicLink() ? await stat(path.join(dir, entry.name)) : entry;
      if (target.isFile()) files.push(entry.name);
      if (target.isDirectory()) folders.push(entry.name);
    }
    return { files: files.sort(compare), folders: folders.sort(compare) };
  } catch (cause) {
    throw fileError(where, dir, cause);
  }
}

function invalidFolder(dir: string, problem: string): PatchslimError {
  return new PatchslimError('DATA_INVALID', `${where}: '${dir}': ${problem}`, { dir });
}

/** By UTF-16 code unit: the same order on every machine, whatever its language. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
