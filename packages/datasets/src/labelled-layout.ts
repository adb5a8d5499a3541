/** A folder with `labels.csv`: which of its files the rows mean, however they are spelt. */

import type { LongCallOptions } from '@patchslim/tensor';
import { invalidCsv } from './csv.js';
import { decodeText } from './decode-text.js';
import { compare, pool, type FolderReader, type ImageExample, type ImageFolder } from './image-layout.js';
import { parseLabels, refuseRepeated } from './labels-csv.js';
import { orderedMap } from './ordered-map.js';

export const labelFile = 'labels.csv';
const largestLabelFile = 256_000_000; // bytes: millions of images

/**
 * The images that `labels.csv` names, sorted. A row means the file of its path. Where there is none it means the file whose name is the
 * same letters in another Unicode form; for a path of another machine (`/…`, `C:\…`, `\\server\…`) the file here that the longest end of it
 * names, and a remark says so.
 *
 * @throws `DATA_INVALID` with the line; `ABORTED`; what `reader` throws
 */
export async function readLabelled(
  reader: FolderReader,
  { signal, onProgress }: LongCallOptions,
): Promise<ImageFolder> {
  const { dir, name } = reader;
  const csv = `${dir}/${labelFile}`;
  const text = decodeText(await reader.readLabels(labelFile, largestLabelFile), csv);
  const rows = parseLabels(text, csv).sort((a, b) => compare(a.id, b.id));
  const find = createFinder(reader);
  let elsewhere = 0;
  const checked = orderedMap(
    rows,
    async ({ id: written, line, ...classes }): Promise<ImageExample> => {
      const id = await find(written);
      if (id === undefined) {
        const hint = isAbsolute(written) ? '; write paths relative to that folder' : '';
        throw invalidCsv(csv, line, `'${written}' is not a file in ${dir}${hint}`);
      }
      if (isAbsolute(written) && id !== written) elsewhere++;
      return { source: reader.sourceOf(id), id, ...classes, line };
    },
    { ...pool(reader), signal },
  );
  const examples: ImageExample[] = [];
  for await (const example of checked) {
    examples.push(example);
    onProgress?.({ stage: 'open', done: examples.length, total: rows.length, unit: 'images' });
  }
  refuseRepeated(examples as (ImageExample & { line: number })[], csv);
  const remark = `${elsewhere} paths of ${labelFile} begin elsewhere; their files were found in this folder by how the paths end`;
  return {
    ...{ dir, name, labelled: true },
    examples: examples.sort((a, b) => compare(a.id, b.id)),
    ...(elsewhere > 0 && { remarks: [remark] }),
  };
}

/** Of this system or of another: from the root, from a drive, or from a server. */
const isAbsolute = (path: string): boolean => /^(\/|[a-z]:\/)/i.test(path);

/** Finds the file that a path means. */
function createFinder(reader: FolderReader): (path: string) => Promise<string | undefined> {
  const listings = new Map<string, Promise<Listing>>();
  const listingOf = (folder: string): Promise<Listing> => {
    const known = listings.get(folder);
    if (known) return known;
    const listing = listFolder(reader, folder);
    listings.set(folder, listing);
    return listing;
  };
  /** By the Unicode form of each part. */
  const findAlike = async (path: string): Promise<string | undefined> => {
    const parts = path.split('/');
    let found = '';
    for (const [i, part] of parts.entries()) {
      const { files, folders } = await listingOf(found);
      const name = (i === parts.length - 1 ? files : folders).get(part.normalize('NFC'));
      if (name === undefined) return undefined;
      found = found === '' ? name : `${found}/${name}`;
    }
    return found;
  };
  const findInside = async (path: string) => ((await reader.isFile(path)) ? path : findAlike(path));
  return async (path) => {
    if (!isAbsolute(path)) return findInside(path);
    if (await reader.isFile(path)) return path;
    const parts = path.split('/').slice(1);
    for (let from = 0; from < parts.length; from++) {
      const found = await findInside(parts.slice(from).join('/'));
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

/** Names by their composed form. */
interface Listing {
  readonly files: ReadonlyMap<string, string>;
  readonly folders: ReadonlyMap<string, string>;
}

async function listFolder(reader: FolderReader, folder: string): Promise<Listing> {
  const { files, folders } = await reader.list(folder);
  const byForm = (names: readonly string[]) => new Map(names.map((name) => [name.normalize('NFC'), name]));
  return { files: byForm(files), folders: byForm(folders) };
}
