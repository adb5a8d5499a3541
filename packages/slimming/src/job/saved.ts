/**
 * Finished parts of a long job in a folder: after an interruption the same job continues from there. Each entry is
 * one safetensors file with a value, tensors, and the key of the job. Node only; without a folder the entries are
 * kept in memory.
 */

import { isPatchslimError, PatchslimError, type HostTensor } from '@patchslim/tensor';
import { nodeFs, nodePath } from '@patchslim/tensor/files';
import { fileSource, readSafetensors, readSafetensorsHeader, writeSafetensors } from '@patchslim/vit-models';

/** One finished part of a job. */
export interface SavedEntry {
  /** Plain JSON. */
  readonly value: unknown;
  readonly tensors: readonly HostTensor<'float32'>[];
}

/** The finished parts of a job, by name. */
export interface Saved {
  /** Whether the entries are in a folder and survive the process. */
  readonly lasts: boolean;
  /** @throws INVALID_ARGUMENT for an entry of another job; CHECKPOINT_INVALID, IO_FAILED */
  read(name: string): Promise<SavedEntry | undefined>;
  /** Writes an entry atomically. @throws INVALID_ARGUMENT for an entry of another job; IO_FAILED */
  write(name: string, value: unknown, tensors?: readonly HostTensor<'float32'>[]): Promise<void>;
  /** Removes the entries of this job, and the folder if nothing else is in it. @throws IO_FAILED */
  remove(): Promise<void>;
}

/**
 * Opens the saved parts of a job.
 *
 * @param folder created with the first entry; undefined for memory
 * @param keyOf returns the key of the job: a text with everything that its results depend on. Called when an entry is
 *   first read or written
 */
export function openSaved(folder: string | undefined, keyOf: () => Promise<string>): Saved {
  return folder === undefined ? savedInMemory() : savedInFolder(folder, keyOf);
}

/** The same entries under names that begin with `prefix`. */
export const savedWithin = (saved: Saved, prefix: string): Saved => ({
  ...saved,
  read: (name) => saved.read(`${prefix}-${name}`),
  write: (name, ...entry) => saved.write(`${prefix}-${name}`, ...entry),
});

/** Entries in the memory of this process. */
export function savedInMemory(): Saved {
  const entries = new Map<string, SavedEntry>();
  return {
    lasts: false,
    read: (name) => Promise.resolve(entries.get(name)),
    write(name, value, tensors = []) {
      entries.set(name, { value, tensors });
      return Promise.resolve();
    },
    remove() {
      entries.clear();
      return Promise.resolve();
    },
  };
}

function savedInFolder(folder: string, keyOf: () => Promise<string>): Saved {
  let key: Promise<string> | undefined;
  const known = new Set<string>();
  const placeOf = async (name: string) => {
    const path = await nodePath();
    return path.join(folder, fileName(name));
  };
  return {
    lasts: true,
    async read(name) {
      const entry = await readEntry(await placeOf(name), await (key ??= keyOf()));
      if (entry) known.add(fileName(name));
      return entry;
    },
    async write(name, value, tensors = []) {
      const [path, ofJob] = [await placeOf(name), await (key ??= keyOf())];
      if (!known.has(fileName(name))) await readEntry(path, ofJob); // refuses to replace an entry of another job
      await makeFolder(folder);
      const named = new Map(tensors.map((tensor, i) => [String(i), tensor]));
      await writeSafetensors(path, named, { metadata: { key: ofJob, value: JSON.stringify(value) } });
      known.add(fileName(name));
    },
    async remove() {
      await removeFiles(folder, [...known]);
      known.clear();
    },
  };
}

/** Names can contain characters that file systems refuse, such as the colon of a method with settings. */
const fileName = (name: string): string => `${name.replace(/[^a-zA-Z0-9.-]+/g, '-')}.safetensors`;

async function readEntry(path: string, key: string): Promise<SavedEntry | undefined> {
  const source = await fileSource(path).catch((error: unknown) => {
    if (isPatchslimError(error, 'NOT_FOUND')) return undefined;
    throw error;
  });
  if (!source) return undefined;
  try {
    const { metadata, entries } = await readSafetensorsHeader(source);
    requireSameJob(path, key, metadata['key']);
    const tensors = await readSafetensors(source);
    const list = Array.from({ length: entries.size }, (_, i) => tensors.get(String(i))!);
    return { value: JSON.parse(metadata['value'] ?? 'null') as unknown, tensors: list };
  } finally {
    await source.close();
  }
}

function requireSameJob(path: string, key: string, found: string | undefined): void {
  if (found === key) return;
  throw new PatchslimError(
    'INVALID_ARGUMENT',
    `'${path}' belongs to a job with other settings, images or weights: repeat that job to continue it, or remove the file to start again`,
    { path, expected: key, found },
  );
}

async function makeFolder(folder: string): Promise<void> {
  const fs = await nodeFs();
  await fs.mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw new PatchslimError('IO_FAILED', `cannot make '${folder}': ${String(cause)}`, { folder }, cause);
  });
}

async function removeFiles(folder: string, names: readonly string[]): Promise<void> {
  const [fs, path] = await Promise.all([nodeFs(), nodePath()]);
  for (const name of names) {
    await fs.unlink(path.join(folder, name)).catch((cause: unknown) => {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return;
      const message = `cannot remove '${name}' from '${folder}': ${String(cause)}`;
      throw new PatchslimError('IO_FAILED', message, { folder, name }, cause);
    });
  }
  if (names.length > 0) await fs.rmdir(folder).catch(() => undefined); // it stays if it contains anything else
}
