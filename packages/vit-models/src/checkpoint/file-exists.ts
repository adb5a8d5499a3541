import { nodeFs } from '@patchslim/tensor/files';

/** Whether there is a file or folder; a link to nothing is none. */
export async function exists(path: string): Promise<boolean> {
  const fs = await nodeFs();
  return fs.access(path).then(
    () => true,
    () => false,
  );
}
