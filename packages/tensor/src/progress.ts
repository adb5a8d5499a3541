/** Progress of long calls: monotone counts with a total known from the start. */

/** One step of a long call. `done` never falls and ends at `total` within one `stage`. */
export interface ProgressEvent {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  readonly unit: 'images' | 'bytes' | 'blocks' | 'runs' | 'steps';
}

/** What every asynchronous call that can exceed 100 ms accepts. */
export interface LongCallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((event: ProgressEvent) => void) | undefined;
}
