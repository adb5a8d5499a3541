/** Results of backends that are run rarely: what `rarely-run.ts` writes, and guide/backends.md and `npm test` read. */

import { readFile } from 'node:fs/promises';
import type { BenchResults } from '@patchslim/testing';
import type { Row } from './conformance-rows.js';
import { root } from './markdown/repository.js';

/** The last run of a backend. */
export interface RareResult {
  readonly backend: string;
  /** ISO 8601. */
  readonly date: string;
  readonly versions: Readonly<Record<string, string>>;
  /** The reason for which only the set-up was tested; null when everything was. */
  readonly lacking: string | null;
  readonly conformance: Row | null;
  /** Names of the other tests, all of which passed, by file. */
  readonly passed: Readonly<Record<string, readonly string[]>>;
  /** Top-1 of DeiT-Tiny on 100 images in percent, which is also that of `native`; null when it was not tested. */
  readonly top1: number | null;
  /** Beside `native`, in turn; null when it was not measured. */
  readonly speed: BenchResults | null;
}

export const rareBackends = ['tfjs-node', 'tfjs-node-gpu'] as const;
export type RareBackend = (typeof rareBackends)[number];

export const rareFile = (backend: RareBackend): string => `${root}docs/rarely-run/${backend}.json`;
export const rareCommand = (backend: RareBackend): string => `npm run rarely-run -w docs -- ${backend}`;

/** The last runs; a backend that was never run is left out. */
export async function readRareResults(): Promise<readonly RareResult[]> {
  const texts = await Promise.all(
    rareBackends.map((backend) => readFile(rareFile(backend), 'utf8').catch(() => undefined)),
  );
  return texts.flatMap((text) => (text === undefined ? [] : [JSON.parse(text) as RareResult]));
}
