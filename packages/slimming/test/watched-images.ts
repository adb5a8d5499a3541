/** Image sets that record which images were read. */

import type { ImageSet } from '@patchslim/datasets';

export interface WatchedImages {
  readonly images: ImageSet;
  /** Names of the images read so far, one per read. */
  readonly reads: readonly string[];
}

export interface WatchOptions {
  /** Whether the set claims to be in memory; otherwise callers read it into memory. */
  readonly inMemory?: boolean;
  readonly onRead?: (ids: readonly string[]) => void;
}

/** The same images. */
export function watch(source: ImageSet, { inMemory = false, onRead }: WatchOptions = {}): WatchedImages {
  const reads: string[] = [];
  const images: ImageSet = {
    ...{ name: source.name, count: source.count, inMemory },
    async *batches(...request) {
      for await (const batch of source.batches(...request)) {
        reads.push(...batch.ids);
        onRead?.(batch.ids);
        yield batch;
      }
    },
    contentKey: (options) => source.contentKey!(options),
  };
  return { images, reads };
}

/** Names of the images of a set. */
export async function idsOf(images: ImageSet): Promise<string[]> {
  const ids: string[] = [];
  for await (const batch of images.batches(8)) ids.push(...batch.ids);
  return ids;
}

/** Number of names that two lists share. */
export const shared = (a: readonly string[], b: readonly string[]): number =>
  a.filter((id) => b.includes(id)).length;
