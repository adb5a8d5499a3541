/** Waiting in a transfer: for bytes, and between attempts. */

export interface StallWatch {
  /** Fires when no byte came for too long, or with the caller's signal. */
  readonly signal: AbortSignal;
  restart(): void;
  stalled(): boolean;
  stop(): void;
}

/** Watches a transfer in which a byte is due every `ms`. */
export function watchStall(ms: number, outer: AbortSignal | undefined): StallWatch {
  const controller = new AbortController();
  const fire = () => controller.abort(new Error('stalled'));
  let timer = setTimeout(fire, ms);
  return {
    signal: outer ? AbortSignal.any([outer, controller.signal]) : controller.signal,
    restart: () => {
      clearTimeout(timer);
      timer = setTimeout(fire, ms);
    },
    stalled: () => controller.signal.aborted,
    stop: () => clearTimeout(timer),
  };
}

/** Waits; a fired signal ends it early. */
export function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
  });
}

/** Doubling from about a quarter of a second, with jitter so that many clients do not come back at once. */
export function backoffMs(failures: number): number {
  return Math.min(250 * 2 ** failures, 30_000) * (0.75 + Math.random() / 2);
}
