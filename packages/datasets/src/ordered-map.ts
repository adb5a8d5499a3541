/** Bounded work ahead of a consumer: the pool behind `imageBatches`. */

import { throwIfAborted } from '@patchslim/tensor';

export interface OrderedMapOptions {
  /** Tasks that run at the same time. */
  readonly concurrency: number;
  /** Tasks that may be running or done beside the one that the consumer waits for: the bound on memory. */
  readonly ahead: number;
  /** Names the call in an `ABORTED` error. */
  readonly where: string;
  readonly signal?: AbortSignal | undefined;
}

/** Kept as a value until the consumer reaches it, so that no rejection goes unhandled. */
type Outcome<R> = { readonly value: R } | { readonly error: unknown };

/**
 * The results of `task` over `items`, in their order, worked out ahead of the consumer and while it is busy.
 *
 * The first failure in order is thrown. After a failure, an abort, or when the consumer leaves its loop, no task is
 * started, and the running ones have ended when the generator has.
 */
export async function* orderedMap<T, R>(
  items: readonly T[],
  task: (item: T) => Promise<R>,
  { concurrency, ahead, where, signal }: OrderedMapOptions,
): AsyncGenerator<R, void, undefined> {
  const outcomes: Promise<Outcome<R>>[] = [];
  let next = 0;
  let running = 0;
  let stopped = false;

  const run = async (item: T): Promise<Outcome<R>> => {
    running++;
    try {
      return { value: await task(item) };
    } catch (error) {
      stopped = true;
      return { error };
    } finally {
      running--;
      start();
    }
  };
  const start = (): void => {
    while (
      !stopped &&
      !signal?.aborted &&
      running < concurrency &&
      outcomes.length < ahead &&
      next < items.length
    ) {
      outcomes.push(run(items[next++]!));
    }
  };

  try {
    start();
    for (let delivered = 0; delivered < items.length; delivered++) {
      throwIfAborted(signal, where);
      const current = outcomes.shift()!;
      start();
      const outcome = await current;
      if ('error' in outcome) throw outcome.error;
      yield outcome.value;
    }
  } finally {
    stopped = true;
    await Promise.all(outcomes);
  }
}
