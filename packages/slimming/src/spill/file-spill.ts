/** Rows in temporary files, one file per depth. */

import { PatchslimError } from '@patchslim/tensor';
import { makeTemporaryFolder, nodeFs, nodePath } from '@patchslim/tensor/files';
import type { FileHandle } from 'node:fs/promises';
import type { Spill } from './index.js';

const where = 'collectFeatures()';

export async function openFileSpill(depths: number, rowSize: number): Promise<Spill> {
  const [{ open, rm }, path] = await Promise.all([nodeFs(), nodePath()]);
  const folder = await makeTemporaryFolder(where);
  const handles: FileHandle[] = [];
  const close = async () => {
    await Promise.allSettled(handles.map((handle) => handle.close())); // a full disk can be reported again here
    await rm(folder, { recursive: true, force: true, maxRetries: 5 }); // Windows: a virus scanner can lock a file
  };
  try {
    for (let depth = 0; depth < depths; depth++)
      handles.push(await open(path.join(folder, `${depth}.f32`), 'w+'));
  } catch (cause) {
    await close();
    failed('open files in', folder, cause);
  }
  return {
    async append(depth, rows) {
      const bytes = new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength);
      await handles[depth]!.appendFile(bytes).catch((cause: unknown) =>
        failed('write to', folder, cause, '; TMPDIR names another folder'),
      );
    },
    async read(depth, first, count) {
      const rows = new Float32Array(count * rowSize);
      const bytes = new Uint8Array(rows.buffer);
      const { bytesRead } = await handles[depth]!.read(bytes, 0, bytes.length, first * rowSize * 4).catch(
        (cause: unknown) => failed('read from', folder, cause),
      );
      if (bytesRead < bytes.length) failed('read on from', folder, `${depth}.f32 ends early`);
      return rows;
    },
    close,
  };
}

function failed(action: string, folder: string, cause: unknown, hint = ''): never {
  const reason = cause instanceof Error ? cause.message : String(cause);
  throw new PatchslimError(
    'IO_FAILED',
    `${where}: cannot ${action} ${folder}: ${reason}${hint}`,
    { folder },
    cause,
  );
}
