/** The three layouts of image folders that people have: a label file, a folder per class, or just images. */

import { type LongCallOptions, PatchslimError } from '@patchslim/tensor';
import { invalidCsv } from './csv.js';
import type { ImageSource } from './image-source.js';
import { parseLabels } from './labels-csv.js';
import { orderedMap } from './ordered-map.js';

/** One image. */
export interface ImageExample {
  /** What it is decoded from: the absolute path of `openImageFolder`, the `File` of `openImageFiles`. */
  readonly source: ImageSource;
  /** Path relative to the folder, with `/` on every system: the name of the image in plans and reports. */
  readonly id: string;
  /** Class index from 0; absent in a folder without labels. */
  readonly label?: number;
  /** Line of `labels.csv`, from 1, that names the image. */
  readonly line?: number;
}

/** The images of a folder, sorted by `id`. */
export interface ImageFolder {
  /** Absolute path; of chosen files the name of their folder. */
  readonly dir: string;
  /** The last part of the path: goes into the provenance of a plan. */
  readonly name: string;
  readonly examples: readonly ImageExample[];
  /** Whether the examples have labels: all have, or none. */
  readonly labelled: boolean;
  /** Names by class index; known when there is one sub-folder per class. */
  readonly classNames?: readonly string[];
}

/** A folder, wherever it lies. */
export interface FolderReader {
  /** Names the call in errors. */
  readonly where: string;
  readonly dir: string;
  /** The last part of the path. */
  readonly name: string;
  /** Names of the files and folders in a sub-folder, or at the top (`''`), without the hidden ones. */
  list(folder: string): Promise<{ readonly files: readonly string[]; readonly folders: readonly string[] }>;
  /** What the label file holds, which `list` named. @throws `DATA_INVALID` when it is larger than `most` bytes */
  readLabels(name: string, most: number): Promise<Uint8Array>;
  /** What an image that `list` named is decoded from. */
  sourceOf(id: string): ImageSource;
  /** Whether there is a file of this name, which `list` need not have named. */
  isFile(id: string): Promise<boolean>;
}

const labelFile = 'labels.csv';
const largestLabelFile = 256_000_000; // bytes: millions of images
const imageName = /\.(jpe?g|png|webp)$/i;

/**
 * Lists the images of a folder: see `openImageFolder`.
 *
 * @throws `DATA_INVALID`, `ABORTED`, and what `reader` throws
 */
export async function readLayout(reader: FolderReader, options: LongCallOptions): Promise<ImageFolder> {
  const { dir, name } = reader;
  const { files, folders } = await reader.list('');
  if (files.includes(labelFile)) return readLabelled(reader, options);
  const classes = await readClasses(reader, [...folders].sort(compare), options);
  const images = imagesOf(files);
  const filled = classes.filter((entry) => entry.images.length > 0);
  if (images.length > 0 && filled.length > 0) {
    throw invalidFolder(
      reader,
      `images both beside and inside '${filled[0]!.name}': keep one sub-folder per class, or none`,
    );
  }
  if (images.length === 0 && filled.length === 0) {
    throw invalidFolder(
      reader,
      `no ${labelFile}, and no .jpg, .jpeg, .png or .webp here or one folder below`,
    );
  }
  const empty = classes.find((entry) => entry.images.length === 0);
  if (filled.length > 0 && empty) {
    throw invalidFolder(reader, `class folder '${empty.name}' has no images; remove it or fill it`);
  }
  const folder: ImageFolder =
    filled.length > 0
      ? {
          ...{ dir, name },
          examples: classExamples(reader, classes),
          labelled: true,
          classNames: classes.map((entry) => entry.name),
        }
      : {
          ...{ dir, name, labelled: false },
          examples: images.map((id) => ({ source: reader.sourceOf(id), id })),
        };
  const total = folder.examples.length;
  options.onProgress?.({ stage: 'open', done: total, total, unit: 'images' });
  return folder;
}

async function readLabelled(
  reader: FolderReader,
  { signal, onProgress }: LongCallOptions,
): Promise<ImageFolder> {
  const { dir, name } = reader;
  const csv = `${dir}/${labelFile}`;
  const text = new TextDecoder().decode(await reader.readLabels(labelFile, largestLabelFile));
  const rows = parseLabels(text, csv).sort((a, b) => compare(a.id, b.id));
  const checked = orderedMap(
    rows,
    async ({ id, label, line }): Promise<ImageExample> => {
      if (!(await reader.isFile(id))) throw invalidCsv(csv, line, `'${id}' is not a file in ${dir}`);
      return { source: reader.sourceOf(id), id, label, line };
    },
    { ...pool(reader), signal },
  );
  const examples: ImageExample[] = [];
  for await (const example of checked) {
    examples.push(example);
    onProgress?.({ stage: 'open', done: examples.length, total: rows.length, unit: 'images' });
  }
  return { dir, name, examples, labelled: true };
}

interface ClassFolder {
  readonly name: string;
  readonly images: readonly string[];
}

async function readClasses(
  reader: FolderReader,
  names: readonly string[],
  { signal }: LongCallOptions,
): Promise<ClassFolder[]> {
  const list = async (name: string): Promise<ClassFolder> => ({
    name,
    images: imagesOf((await reader.list(name)).files),
  });
  const classes: ClassFolder[] = [];
  for await (const entry of orderedMap(names, list, { ...pool(reader), signal })) classes.push(entry);
  return classes;
}

const classExamples = (reader: FolderReader, classes: readonly ClassFolder[]): ImageExample[] =>
  classes
    .flatMap(({ name, images }, label) =>
      images.map((image) => {
        const id = `${name}/${image}`;
        return { source: reader.sourceOf(id), id, label };
      }),
    )
    .sort((a, b) => compare(a.id, b.id));

const imagesOf = (files: readonly string[]): string[] =>
  files.filter((name) => imageName.test(name)).sort(compare);

/** File system calls share libuv's few threads; more of them in flight gain nothing. */
const pool = ({ where }: FolderReader) => ({ concurrency: 4, ahead: 64, where });

const invalidFolder = ({ where, dir }: FolderReader, problem: string): PatchslimError =>
  new PatchslimError('DATA_INVALID', `${where}: '${dir}': ${problem}`, { dir });

/** By UTF-16 code unit: the same order on every machine, whatever its language. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
