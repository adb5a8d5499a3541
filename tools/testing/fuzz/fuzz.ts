/**
 * Fuzzes readers of untrusted input: every input gives a value or an expected error, in bounded time and memory.
 * PATCHSLIM_FUZZ_RUNS sets the number of inputs (see `nightly.ts`), PATCHSLIM_FUZZ_SEED the seed; a failure prints its seed
 * and input.
 */

import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { fuzzRuns as runs } from '../nightly.js';
import { startWatchdog } from './watchdog.js';

export interface Fuzzing<T> {
  readonly inputs: fc.Arbitrary<T>;
  /** Reads one input, and checks the result. */
  readonly read: (input: T) => unknown;
  /** Codes of the errors that it may throw. */
  readonly codes: readonly string[];
}

export interface Fuzzed {
  /** Number of inputs that were read. */
  readonly accepted: number;
  /** Number of refused inputs, by code. */
  readonly refused: Readonly<Record<string, number>>;
}

const seed = Number(process.env['PATCHSLIM_FUZZ_SEED'] ?? 20_211_106);

/** Processor time per input, which does not depend on other load. */
const mostSeconds = 5;
/** Bytes that may stay allocated, and bytes that may be in use at any time, beyond the initial state. */
const mostKept = 32e6;
const mostUsed = 1.5e9;
/** Bytes that need no further collection. */
const littleFreed = 1e6;

/** Maximum length of an error's message in characters, for any input. */
const longestMessage = 4000;

/** Timeout of a fuzz test in milliseconds; it grows with the number of inputs. */
export const fuzzTimeout = 120_000 + runs * 30;

/** Throws unless every input is read, or refused with one of `codes`. */
export async function fuzz<T>({ inputs, read, codes }: Fuzzing<T>): Promise<Fuzzed> {
  const refused: Record<string, number> = {};
  let accepted = 0;
  let peak = 0;
  let tried = 0;
  const tryOne = async (input: T) => {
    watchdog.alive();
    if (++tried % 100 === 0) await setImmediate(); // lets the test runner's events through
    const start = process.cpuUsage();
    try {
      await read(input);
      accepted++;
    } catch (error) {
      const code = requireExpected(error, codes);
      refused[code] = (refused[code] ?? 0) + 1;
    }
    const { user, system } = process.cpuUsage(start);
    if (user + system > mostSeconds * 1e6) throw new Error(`took ${(user + system) / 1e6} s`);
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  const watchdog = startWatchdog();
  try {
    await fc.assert(fc.asyncProperty(inputs, tryOne), { numRuns: Math.min(runs, 50), seed: seed + 1 });
    const before = { kept: await keptBytes(), used: process.memoryUsage.rss() };
    peak = 0;
    await fc.assert(fc.asyncProperty(inputs, tryOne), { numRuns: runs, seed });
    requireBelow((await keptBytes()) - before.kept, mostKept, 'bytes kept');
    requireBelow(peak - before.used, mostUsed, 'bytes used');
  } finally {
    await watchdog.stop();
  }
  return { accepted, refused };
}

/** Returns the code of an expected error; rethrows others. */
function requireExpected(error: unknown, codes: readonly string[]): string {
  const known = error instanceof Error && error.name === 'PatchslimError' && 'code' in error;
  if (!known || !codes.includes(String(error.code))) throw error;
  if (error.message.length > longestMessage) {
    throw new Error(`a message of ${error.message.length} characters`, { cause: error });
  }
  return String(error.code);
}

/**
 * Bytes in use after garbage collections, which count only reachable objects. Buffers are freed in the background: it
 * collects until a collection frees little more.
 */
async function keptBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let before = Infinity; ;) {
    collect();
    await setImmediate();
    const { heapUsed, external } = process.memoryUsage();
    const used = heapUsed + external;
    if (used > before - littleFreed) return used;
    before = used;
  }
}

function requireBelow(got: number, most: number, what: string): void {
  if (got > most) throw new Error(`expected at most ${most} ${what}, got ${got}`);
}
