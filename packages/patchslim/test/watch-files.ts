/** Waiting for what a process does to files. */

import type { ChildProcess } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

/** Sorted paths below a folder, without hidden ones; none when it is not there. */
export async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => [] as string[]);
  return names.filter((name) => !name.startsWith('.')).sort();
}

/** Resolves when `condition` holds; never when the process ends before. */
export async function when(condition: () => Promise<boolean>, child: ChildProcess): Promise<void> {
  while (child.exitCode === null && child.signalCode === null) {
    if (await condition()) return;
    await setTimeout(5);
  }
  await new Promise(() => undefined);
}
