/**
 * Prints the results of a benchmark and, if PATCHSLIM_BENCH names a file, writes them as JSON with a description of the machine. The page
 * of benchmarks is generated from these files: `npm run benchmarks -w docs`.
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { systemName } from './platform.mjs';

/** One side of a measurement, relative to the first side in the same round. */
export interface MeasuredSide {
  readonly name: string;
  readonly median: number;
  /** Minimum and maximum, or quartiles if the measurement says so. */
  readonly low: number;
  readonly high: number;
  /** Median time of one run, ms; for orientation only. */
  readonly ms?: number | undefined;
}

export interface Measurement {
  readonly title: string;
  readonly rounds: number;
  readonly spread: 'least–most' | 'quartiles';
  readonly sides: readonly MeasuredSide[];
}

/** The content of a file. */
export interface BenchResults {
  /** A note on an unusual setup, such as a software GPU: PATCHSLIM_BENCH_NOTE. */
  readonly note?: string;
  /** ISO 8601, when the first measurement ended. */
  readonly date: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGiB: number;
    readonly platform: string;
    /** Load average of the minute before; above `cores`, other programs kept the machine busy. */
    readonly load: number;
  };
  /** Versions of Node and the installed runtimes. */
  readonly versions: Readonly<Record<string, string>>;
  readonly measurements: readonly Measurement[];
}

const runtimes = ['onnxruntime-node', 'onnxruntime-web', '@tensorflow/tfjs-core', 'sharp', 'webgpu'];

/** Median, minimum and maximum of the ratios of one side. */
export function summarizeRatios(name: string, ratios: readonly number[], ms?: number): MeasuredSide {
  return { name, median: median(ratios), low: Math.min(...ratios), high: Math.max(...ratios), ms };
}

/** Prints a measurement, one line per side, and adds it to the file. */
export function reportMeasurement(measurement: Measurement): void {
  const { title, rounds, spread, sides } = measurement;
  console.log(`${title}; ${rounds} rounds, median (${spread})`);
  for (const { name, median: middle, low, high, ms } of sides) {
    const ratio = `${middle.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
    console.log(`  ${ratio.padEnd(22)}${ms === undefined ? '' : ` ${ms.toPrecision(3)} ms`}  ${name}`);
  }
  const file = process.env['PATCHSLIM_BENCH'];
  if (file === undefined) return;
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as BenchResults) : emptyResults();
  const rounded = { ...measurement, sides: sides.map(roundSide) };
  const results: BenchResults = { ...before, measurements: [...before.measurements, rounded] };
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}

/** This machine, now. */
export function describeMachine(): BenchResults['machine'] {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: systemName,
    load: Number(loadavg()[0]!.toFixed(1)),
  };
}

function emptyResults(): BenchResults {
  const installed = runtimes.flatMap((name) => {
    const file = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
    if (!existsSync(file)) return [];
    return [[name, (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version] as const];
  });
  const note = process.env['PATCHSLIM_BENCH_NOTE'];
  return {
    ...(note === undefined ? {} : { note }),
    date: new Date().toISOString(),
    machine: describeMachine(),
    versions: { node: process.versions.node, ...Object.fromEntries(installed) },
    measurements: [],
  };
}

/** Rounds to four digits; more would be noise in version control. */
function roundSide({ name, ms, ...ratios }: MeasuredSide): MeasuredSide {
  const short = (value: number) => Number(value.toPrecision(4));
  const { median: middle, low, high } = ratios;
  return {
    name,
    median: short(middle),
    low: short(low),
    high: short(high),
    ...(ms === undefined ? {} : { ms: short(ms) }),
  };
}
