/**
 * What a search has measured so far, in a file: the same search, begun again after it was cut off, asks its questions anew
 * and finds them answered. Without a path nothing is kept beyond the run.
 */

import { nodePath, writeWhole } from '@patchslim/tensor/files';
import { makeFolder, openIfThere, removeSaved, requireSameRun } from '../saved-run.js';

export interface Notes {
  get(name: string): unknown;
  /** Values are plain JSON. */
  set(name: string, value: unknown): void;
  /** Writes the file. */
  save(): Promise<void>;
}

/**
 * @param path of the file; its folder is made with the first `save`
 * @param key what the answers depend on (model, data, options), as text
 * @throws INVALID_ARGUMENT when the file has the notes of another run, or none; IO_FAILED
 */
export async function openNotes(path: string | undefined, key: string): Promise<Notes> {
  const notes = path === undefined ? new Map<string, unknown>() : await readNotes(path, key);
  return {
    get: (name) => notes.get(name),
    set: (name, value) => void notes.set(name, value),
    async save() {
      if (path === undefined) return;
      const paths = await nodePath();
      await makeFolder('openNotes()', paths.dirname(path));
      await writeWhole('openNotes()', path, [JSON.stringify({ key, notes: Object.fromEntries(notes) })]);
    },
  };
}

/**
 * Removes the notes of a search that has ended, and their folder if nothing else is in it.
 * @throws IO_FAILED
 */
export async function removeNotes(path: string): Promise<void> {
  const paths = await nodePath();
  await removeSaved('removeNotes()', paths.dirname(path), [paths.basename(path)]);
}

async function readNotes(path: string, key: string): Promise<Map<string, unknown>> {
  const source = await openIfThere(path);
  if (!source) return new Map();
  try {
    const text = new TextDecoder().decode(await source.read(0, source.size));
    const found = parsed(text);
    requireSameRun(path, key, found?.key);
    return new Map(Object.entries(found!.notes));
  } finally {
    await source.close();
  }
}

function parsed(text: string): { key: string; notes: Record<string, unknown> } | undefined {
  try {
    return JSON.parse(text) as { key: string; notes: Record<string, unknown> };
  } catch {
    return undefined;
  }
}
