/** Kills the process when one input hangs it: a test's own timeout cannot interrupt a loop. */

import { Worker } from 'node:worker_threads';

export interface Watchdog {
  /** Call it before every input. */
  alive(): void;
  stop(): Promise<void>;
}

const patienceMs = 120_000;

/** Code of another thread, with its own timer. */
const watch = `
  const { workerData } = require('node:worker_threads');
  let seen = 0;
  setInterval(() => {
    const beats = Atomics.load(workerData.beats, 0);
    if (beats !== seen) return void (seen = beats);
    require('node:fs').writeSync(2, 'fuzz: input ' + beats + ' hangs, this process ends\\n');
    process.kill(process.pid, 'SIGKILL');
  }, workerData.patienceMs);
`;

export function startWatchdog(): Watchdog {
  const beats = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(watch, { eval: true, workerData: { beats, patienceMs } });
  worker.unref();
  return {
    alive: () => void Atomics.add(beats, 0, 1),
    stop: async () => void (await worker.terminate()),
  };
}
