/** Files that were dropped on the page, with those of folders. */

/** An entry of a drop, as browsers name it. */
type Entry = FileSystemEntry;

/**
 * All files of a drop, including folders. Files of a folder get the same `webkitRelativePath` as in a chosen folder:
 * it decides their class.
 */
export async function droppedFiles(transfer: DataTransfer): Promise<File[]> {
  // Read the entries before the first await: afterwards the browser forgets the drop.
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const files = await Promise.all(entries.map((entry) => filesOf(entry)));
  return files.flat();
}

async function filesOf(entry: Entry): Promise<File[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((done, fail) => (entry as FileSystemFileEntry).file(done, fail));
    const path = entry.fullPath.replace(/^\//, '');
    if (path.includes('/')) Object.defineProperty(file, 'webkitRelativePath', { value: path });
    return [file];
  }
  const files: File[] = [];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A reader gives a hundred entries at a time.
    const some = await new Promise<Entry[]>((done, fail) => reader.readEntries(done, fail));
    if (some.length === 0) return files;
    for (const inner of some) files.push(...(await filesOf(inner)));
  }
}
