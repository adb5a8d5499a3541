/** Plans judged on labelled images, as `packages/slimming/bench/budgets.ts` keeps them and the page of judged plans shows them. */

import type { BenchResults } from './bench-results.js';

/** Ends of a 95 % confidence interval. */
export type Ends = readonly [low: number, high: number];

/** One plan on the judging images, against the dense network of the unchanged weights. */
export interface JudgedPlan {
  readonly method: string;
  readonly schedule: string;
  /** How the weights were adapted, and how many images learned and chose the epoch. Absent: the weights are unchanged. */
  readonly adapted?: {
    readonly recovery: string;
    readonly set: string;
    readonly learned: number;
    readonly chose: number;
  };
  /** Share of the dense multiply-accumulates, choosing included; the same for every image. */
  readonly macs: number;
  /** Percentages; the change is in points. */
  readonly top1: { readonly percent: number; readonly change: number; readonly interval: Ends };
  /** Percentage of images with the class of the dense network. */
  readonly agreement: number;
  /** KL from the dense network's classes, nats. */
  readonly divergence: { readonly mean: number; readonly interval: Ends };
  /** Dense over slimmed time, of the medians of pairs; times for one image. */
  readonly speed: readonly {
    readonly batch: number;
    readonly ratio: number;
    readonly quartiles: Ends;
    readonly denseMs: number;
    readonly slimmedMs: number;
  }[];
  /** Of the graph that ONNX Runtime gets at batch 1. */
  readonly nodes: { readonly dense: number; readonly slimmed: number };
  readonly date: string;
  readonly command: string;
  readonly machine: BenchResults['machine'];
}

/** The content of the file. */
export interface JudgedPlans {
  readonly model: string;
  /** The set that judges, and the dense network on it. */
  readonly judges: { readonly name: string; readonly images: number; readonly top1: number };
  readonly plans: readonly JudgedPlan[];
}
