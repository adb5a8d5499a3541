/** Image folders on disk (Node). */

import type { LongCallOptions } from '@patchslim/tensor';
import { nodeFs, nodePath } from '@patchslim/tensor/files';
import { fileError } from './file-error.js';
import { diskKinds } from './image-kinds.js';
import { readLayout, type ImageFolder, type Listing } from './image-layout.js';
import { readFileUpTo } from './read-file.js';

const where = 'openImageFolder';

/**
 * Lists the images of `dir` without decoding any.
 *
 * With a `labels.csv` in `dir` (a header with `file` and `class_index`) the images are the ones it names. Otherwise the
 * images lie either in one sub-folder per class, whose sorted names count up from class 0, or in `dir` itself, unlabelled;
 * which classes of a model the sub-folders are finds `matchClasses`. A single sub-folder divides nothing and gives no labels.
 * Images are known by the ends of their names: JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF. What else lies there is counted in
 * `remarks`, but for hidden files and the litter of macOS and Windows.
 * Progress counts images that were found to exist.
 *
 * @throws `NOT_FOUND` no such folder; `DATA_INVALID` no images, a mixed layout, a wrong label file (with the line) or
 * one that names a missing file; `IO_FAILED`; `ABORTED`
 * @example
 * const folder = await openImageFolder('imagenet/val');
 * console.log(folder.examples.length, folder.labelled);
 */
export async function openImageFolder(dir: string, options: LongCallOptions = {}): Promise<ImageFolder> {
  const [{ stat }, path] = await Promise.all([nodeFs(), nodePath()]);
  const root = path.resolve(dir);
  return readLayout(
    {
      where,
      dir: root,
      name: path.basename(root),
      kinds: diskKinds,
      list: (folder) => listFolder(path.join(root, folder)),
      readLabels: (name, most) => readFileUpTo(where, path.join(root, name), most),
      sourceOf: (id) => path.resolve(root, id),
      isFile: async (id) => (await stat(path.resolve(root, id)).catch(() => undefined))?.isFile() ?? false,
    },
    options,
  );
}

/** What lies in `dir`, through symbolic links. */
async function listFolder(dir: string): Promise<Listing> {
  const [{ readdir, stat }, path] = await Promise.all([nodeFs(), nodePath()]);
  try {
    const files: string[] = [];
    const folders: string[] = [];
    const broken: string[] = [];
    for (const entry of await readdir(dir, { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue;
      const target = entry.isSymbolicLink()
        ? await stat(path.join(dir, entry.name)).catch(refuseUnlessBroken)
        : entry;
      if (!target) broken.push(entry.name);
      else if (target.isFile()) files.push(entry.name);
      else if (target.isDirectory()) folders.push(entry.name);
    }
    return { files, folders, broken };
  } catch (cause) {
    throw fileError(where, dir, cause);
  }
}

/** A link to nothing, or to itself. */
function refuseUnlessBroken(cause: unknown): undefined {
  const { code } = cause as NodeJS.ErrnoException;
  if (code !== 'ENOENT' && code !== 'ELOOP' && code !== 'ENOTDIR') throw cause;
}
