/** Image sets that tell which images were read. */

import type { ImageSet } from '@patchslim/datasets';

export interface WatchedImages {
  readonly images: ImageSet;
  /** Names of the images that were read so far, one for each time. */
  readonly reads: readonly string[];
}

export interface WatchOptions {
  /** Whether the set says that it is in memory already; else whoever wants its images there reads them. */
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

/** How many names two lists share. */
export const shared = (a: readonly string[], b: readonly string[]): number =>
  a.filter((id) => b.includes(id)).length;
