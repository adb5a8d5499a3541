/** Image folders that a user chose in a browser: `<input type="file" webkitdirectory>`, or some files. */

import { type LongCallOptions, PatchslimError } from '@patchslim/tensor';
import { browserKinds } from './image-kinds.js';
import { readLayout, type ImageFolder } from './image-layout.js';
import { readBlobUpTo } from './read-file.js';

const where = 'openImageFiles';

/**
 * Lists the images among `files` without decoding any, by the layouts of `openImageFolder`. Where files lie tells their
 * `webkitRelativePath`, which browsers set when a folder is chosen; files without one lie beside each other.
 *
 * @throws `DATA_INVALID` no images, a mixed layout, a wrong label file (with the line) or one that names a missing file,
 * two files of one name; `IO_FAILED` a label file that cannot be read; `ABORTED`
 * @example
 * const folder = await openImageFiles([...input.files]);
 * const images = folderSet(folder, model);
 */
export async function openImageFiles(
  files: readonly File[],
  options: LongCallOptions = {},
): Promise<ImageFolder> {
  const dir = folderOf(files);
  const fileOf = new Map<string, File>();
  for (const file of files) {
    const id = idOf(file);
    if (fileOf.has(id)) {
      throw new PatchslimError('DATA_INVALID', `${where}: two files are called '${id}'`, { dir, id });
    }
    fileOf.set(id, file);
  }
  const folders = foldersOf(fileOf.keys());
  return readLayout(
    {
      where,
      dir,
      name: dir,
      kinds: browserKinds,
      list: (folder) => Promise.resolve(folders.get(folder)!),
      readLabels: (name, most) => readBlobUpTo(where, fileOf.get(name)!, most),
      sourceOf: (id) => fileOf.get(id)!,
      isFile: (id) => Promise.resolve(fileOf.has(id)),
    },
    options,
  );
}

/** Empty, or absent, where no folder was chosen. */
const pathOf = (file: File): string => (file as { webkitRelativePath?: string }).webkitRelativePath || '';

/** Its path begins with the name of the folder that was chosen. */
const idOf = (file: File): string => pathOf(file).split('/').slice(1).join('/') || file.name;

const folderOf = (files: readonly File[]): string => {
  const path = files.map(pathOf).find((path) => path !== '');
  return path?.split('/')[0] ?? 'files';
};

/** What lies in each folder, `''` being the top, without what is hidden. */
function foldersOf(ids: Iterable<string>): Map<string, { files: string[]; folders: string[] }> {
  const top = { files: [] as string[], folders: [] as string[] };
  const folders = new Map([['', top]]);
  for (const id of ids) {
    const [first, second, ...deeper] = id.split('/') as [string, ...string[]];
    if (first.startsWith('.')) continue;
    if (second === undefined) {
      top.files.push(first);
      continue;
    }
    let folder = folders.get(first);
    if (!folder) {
      folder = { files: [], folders: [] };
      folders.set(first, folder);
      top.folders.push(first);
    }
    if (deeper.length === 0 && !second.startsWith('.')) folder.files.push(second);
  }
  return folders;
}
