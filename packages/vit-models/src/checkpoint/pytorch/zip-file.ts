/** PyTorch files since 1.6: a zip with the pickle `NAME/data.pkl` and one entry `NAME/data/KEY` for each storage. */

import type { ByteSource } from '../byte-source.js';
import { refused } from '../containers/checkpoint-error.js';
import type { Container } from '../containers/container.js';
import type { ContainerOptions } from '../containers/open-container.js';
import { readZipEntry, type ZipEntry } from '../containers/zip-directory.js';
import { readPickle } from '../pickle/read-pickle.js';
import { pytorchGlobals } from './globals.js';
import { torchContainer } from './torch-container.js';

/** In bytes, of what describes the tensors; the largest real ones have a few million. */
const largestPickle = 64_000_000;

/** @throws `CHECKPOINT_INVALID` */
export async function torchZipContainer(
  source: ByteSource,
  entries: ReadonlyMap<string, ZipEntry>,
  pickle: string,
  options: ContainerOptions,
): Promise<Container> {
  const file = source.name;
  const entry = entries.get(pickle)!;
  if (entry.size > largestPickle) throw refused(file, `data.pkl has ${entry.size} bytes, expected at most ${largestPickle}`); // prettier-ignore
  const folder = pickle.slice(0, -'data.pkl'.length);
  const order = entries.get(`${folder}byteorder`);
  if (
    order &&
    new TextDecoder().decode(await readZipEntry(source, order, 0, Math.min(order.size, 16))) !== 'little'
  ) {
    throw refused(file, 'its numbers are big-endian; save it on a machine of today');
  }
  const { value } = readPickle(await readZipEntry(source, entry), { globals: pytorchGlobals, file });
  return torchContainer(source, value, options, {
    size: (key) => entries.get(`${folder}data/${key}`)?.size,
    read: (key, begin, length) => readZipEntry(source, entries.get(`${folder}data/${key}`)!, begin, length),
  });
}
