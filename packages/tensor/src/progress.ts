/** Progress of long calls: monotone counts with a known total. */

/** One step of a long call. `done` never falls and ends at `total` within one `stage`. */
export interface ProgressEvent {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  readonly unit: 'images' | 'bytes' | 'blocks' | 'runs' | 'steps';
}

/** Options of every asynchronous call that can exceed 100 ms. */
export interface LongCallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((event: ProgressEvent) => void) | undefined;
}
