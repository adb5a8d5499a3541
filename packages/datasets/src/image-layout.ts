/** The three layouts of image folders that people have: a label file, a folder per class, or just images. */

import { type LongCallOptions, PatchslimError } from '@patchslim/tensor';
import { describeFolders, type ClassFolder } from './class-folder.js';
import { isLitter, skippedRemark, type ImageKinds } from './image-kinds.js';
import type { ImageSource } from './image-source.js';
import { labelFile, readLabelled } from './labelled-layout.js';
import { orderedMap } from './ordered-map.js';

/** One image. */
export interface ImageExample {
  /** What it is decoded from: the absolute path of `openImageFolder`, the `File` of `openImageFiles`. */
  readonly source: ImageSource;
  /** Path relative to the folder, with `/` on every system: the name of the image in plans and reports. */
  readonly id: string;
  /** Class index from 0; absent in a folder without labels. */
  readonly label?: number;
  /** Class indices, instead of `label`, where a label file gives images several classes, or none. */
  readonly labels?: readonly number[];
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
  /** The sub-folders, by label: `matchClasses` finds the classes of a model that they stand for. One alone gives no labels. */
  readonly classFolders?: readonly ClassFolder[];
  /** What to tell people about the folder, as `3 files skipped: 3 .heic`; absent where there is nothing. */
  readonly remarks?: readonly string[];
}

/** What lies in a folder, without what is hidden. */
export interface Listing {
  readonly files: readonly string[];
  readonly folders: readonly string[];
  /** Links that lead nowhere. */
  readonly broken?: readonly string[];
}

/** A folder, wherever it lies. */
export interface FolderReader {
  /** Names the call in errors. */
  readonly where: string;
  readonly dir: string;
  /** The last part of the path. */
  readonly name: string;
  /** Which files are images. */
  readonly kinds: ImageKinds;
  /** What lies in a sub-folder, or at the top (`''`). */
  list(folder: string): Promise<Listing>;
  /** What the label file holds, which `list` named. @throws `DATA_INVALID` when it is larger than `most` bytes */
  readLabels(name: string, most: number): Promise<Uint8Array>;
  /** What an image that `list` named is decoded from. */
  sourceOf(id: string): ImageSource;
  /** Whether there is a file of this name, which `list` need not have named. */
  isFile(id: string): Promise<boolean>;
}

/**
 * Lists the images of a folder: see `openImageFolder`.
 *
 * @throws `DATA_INVALID`, `ABORTED`, and what `reader` throws
 */
export async function readLayout(reader: FolderReader, options: LongCallOptions): Promise<ImageFolder> {
  const { dir, name } = reader;
  const top = await reader.list('');
  if (top.files.includes(labelFile)) return readLabelled(reader, options);
  const inner = await readFolders(
    reader,
    [...top.folders].filter((each) => !isLitter(each)).sort(compare),
    options,
  );
  const outer = sortFiles(reader, '', top);
  const filled = inner.filter((entry) => entry.images.length > 0);
  if (outer.images.length > 0 && filled.length > 0) {
    throw invalidFolder(
      reader,
      `images both beside and inside '${filled[0]!.name}': keep one sub-folder per class, or none`,
    );
  }
  if (outer.images.length === 0 && filled.length === 0) throw noImages(reader, [outer, ...inner]);
  const empty = inner.find((entry) => entry.images.length === 0);
  if (filled.length > 0 && empty) {
    const found = skippedRemark(empty.others, empty.broken, reader.kinds);
    throw invalidFolder(
      reader,
      `class folder '${empty.name}' has no images${found ? ` (${found})` : ''}; remove it or fill it`,
    );
  }
  const folder: ImageFolder = {
    ...{ dir, name },
    ...(filled.length > 0
      ? await classesOf(reader, inner)
      : { labelled: false, examples: examplesOf(reader, outer) }),
  };
  const read = filled.length > 0 ? [outer, ...inner] : [outer];
  const remark = skippedRemark(
    read.flatMap(({ others }) => others),
    read.flatMap(({ broken }) => broken),
    reader.kinds,
  );
  const labels = read.find(({ name, others }) => name !== '' && others.includes(labelFile));
  const remarks = [
    ...(remark === undefined ? [] : [remark]),
    ...(labels
      ? [`${labelFile} in '${labels.name}' is not read; for its labels give ${dir}/${labels.name}`]
      : []),
  ];
  const total = folder.examples.length;
  options.onProgress?.({ stage: 'open', done: total, total, unit: 'images' });
  return remarks.length === 0 ? folder : { ...folder, remarks };
}

/** The files of one folder. */
interface Files {
  /** Empty at the top. */
  readonly name: string;
  readonly images: readonly string[];
  /** That are no images and no litter. */
  readonly others: readonly string[];
  /** Paths of links that lead nowhere. */
  readonly broken: readonly string[];
  /** Whether there are folders in it. */
  readonly deeper: boolean;
}

function sortFiles({ kinds }: FolderReader, name: string, { files, folders, broken }: Listing): Files {
  const wanted = files.filter((file) => !isLitter(file));
  const inside = name === '' ? '' : `${name}/`;
  return {
    name,
    images: wanted.filter((file) => kinds.has(file)).sort(compare),
    others: wanted.filter((file) => !kinds.has(file)),
    broken: (broken ?? []).map((file) => `${inside}${file}`).sort(compare),
    deeper: folders.length > 0,
  };
}

async function readFolders(
  reader: FolderReader,
  names: readonly string[],
  { signal }: LongCallOptions,
): Promise<Files[]> {
  const list = async (name: string) => sortFiles(reader, name, await reader.list(name));
  const folders: Files[] = [];
  for await (const entry of orderedMap(names, list, { ...pool(reader), signal })) folders.push(entry);
  return folders;
}

const examplesOf = (reader: FolderReader, { name, images }: Files): ImageExample[] =>
  images.map((image) => {
    const id = name === '' ? image : `${name}/${image}`;
    return { source: reader.sourceOf(id), id };
  });

/** One folder alone divides nothing: its images have no labels, unless a model has a class of its name. */
async function classesOf(
  reader: FolderReader,
  folders: readonly Files[],
): Promise<Pick<ImageFolder, 'examples' | 'labelled' | 'classNames' | 'classFolders'>> {
  const labelled = folders.length > 1;
  const classFolders = await describeFolders(folders.map(({ name }) => name));
  const examples = folders
    .flatMap((files, label) =>
      examplesOf(reader, files).map((example) => (labelled ? { ...example, label } : example)),
    )
    .sort((a, b) => compare(a.id, b.id));
  if (!labelled) return { labelled, examples, classFolders };
  return { labelled, examples, classFolders, classNames: classFolders.map(({ name }) => name) };
}

function noImages(reader: FolderReader, read: readonly Files[]): PatchslimError {
  const found = skippedRemark(
    read.flatMap(({ others }) => others),
    read.flatMap(({ broken }) => broken),
    reader.kinds,
  );
  const deeper = read.find((files) => files.name !== '' && files.deeper);
  const hint = deeper
    ? `; there are folders in '${deeper.name}': is '${reader.dir}/${deeper.name}' meant?`
    : '';
  const kinds = reader.kinds.names.join(', ').replace(/, ([^,]+)$/, ' or $1');
  return invalidFolder(
    reader,
    `no ${labelFile}, and no ${kinds} here or one folder below${found ? ` (${found})` : ''}${hint}`,
  );
}

/** File system calls share libuv's few threads; more of them in flight gain nothing. */
export const pool = ({ where }: FolderReader) => ({ concurrency: 4, ahead: 64, where });

const invalidFolder = ({ where, dir }: FolderReader, problem: string): PatchslimError =>
  new PatchslimError('DATA_INVALID', `${where}: '${dir}': ${problem}`, { dir });

/** By UTF-16 code unit: the same order on every machine, whatever its language. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
