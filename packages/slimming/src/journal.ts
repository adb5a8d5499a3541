/**
 * What a top-down search has settled, block by block, in files: after a run was cut off, the same run goes on behind the
 * last of them. Node only.
 */

import type { SettledBlock } from '@patchslim/slimming-schedules';
import { range, type HostTensor } from '@patchslim/tensor';
import { nodePath } from '@patchslim/tensor/files';
import { readSafetensors, readSafetensorsHeader, writeSafetensors } from '@patchslim/vit-models';
import { makeFolder, openIfThere, removeSaved, requireSameRun } from './saved-run.js';

/** A settled block and its weights, if they were adapted. */
export interface JournalEntry extends SettledBlock {
  /** In the order of `tensorsIn`; none when the block is as it was. */
  readonly learned: readonly HostTensor<'float32'>[];
}

export interface Journal {
  /** From the block before the last upwards. */
  readonly settled: readonly JournalEntry[];
  write(block: number, entry: JournalEntry): Promise<void>;
}

/**
 * Opens the journal of a run, or begins one.
 * @param folder is made with the first entry
 * @param key what the run depends on (model, data, options), as text
 * @param depth blocks of the model
 * @throws INVALID_ARGUMENT when the folder has the journal of another run; CHECKPOINT_INVALID, IO_FAILED
 */
export async function openJournal(folder: string, key: string, depth: number): Promise<Journal> {
  const path = await nodePath();
  const pathOf = (block: number): string => path.join(folder, nameOf(block));
  const settled: JournalEntry[] = [];
  for (let block = depth - 2; block >= 0; block--) {
    // Also behind a gap: files of other runs would be written over later.
    const entry = await readEntry(pathOf(block), key);
    if (entry && settled.length === depth - 2 - block) settled.push(entry);
  }
  return {
    settled,
    async write(block, { kept, error, learned }) {
      const tensors = new Map(learned.map((tensor, i) => [`learned${i}`, tensor]));
      await makeFolder('openJournal()', folder);
      const metadata = { key, entry: JSON.stringify({ kept, error }) };
      await writeSafetensors(pathOf(block), tensors, { metadata });
    },
  };
}

/**
 * Removes the journal of a run that has ended, and its folder if nothing else is in it.
 * @param depth blocks of the model
 * @throws IO_FAILED
 */
export async function removeJournal(folder: string, depth: number): Promise<void> {
  await removeSaved('removeJournal()', folder, range(depth - 1).map(nameOf));
}

const nameOf = (block: number): string => `block-${block}.safetensors`;

async function readEntry(path: string, key: string): Promise<JournalEntry | undefined> {
  const source = await openIfThere(path);
  if (!source) return undefined;
  try {
    const { metadata } = await readSafetensorsHeader(source);
    requireSameRun(path, key, metadata['key']);
    const { kept, error } = JSON.parse(metadata['entry'] ?? '') as SettledBlock;
    const tensors = await readSafetensors(source);
    const learned = Array.from({ length: tensors.size }, (_, i) => tensors.get(`learned${i}`)!);
    return { kept, error, learned };
  } finally {
    await source.close();
  }
}
