/** Scores by name, for static plans and inside the running network. */

import { findByName, PatchslimError } from '@patchslim/tensor';
import * as z from 'zod/mini';
import * as list from './list.js';
import type { BlockScore, Score } from './score.js';

type Entry = (typeof list)[keyof typeof list];
type BlockEntry = Extract<Entry, { readonly schema: unknown }>;

/** The data of a score in a plan: its name and its options. */
export type ScoreData = z.output<BlockEntry['schema']>;

/** A score that works inside the running network, still without options. */
export interface RunTimeScoreDefinition {
  readonly name: ScoreData['name'];
  /** One-line description. */
  readonly summary: string;
  /** Schema of its data in a plan. */
  readonly schema: z.ZodMiniType;
  /** Why the score cannot use captures; undefined if it can. */
  readonly runTimeOnly: string | undefined;
  /** @param options of the schema, without the name */
  create(options: Readonly<Record<string, unknown>>): BlockScore;
}

const all: readonly Entry[] = Object.values(list);
const isBlockEntry = (entry: Entry): entry is BlockEntry => 'schema' in entry;
const blockEntries = all.filter(isBlockEntry);

/** Every score, in alphabetical order: for static plans, for the running network, or for both. */
export const scores: readonly (Score | RunTimeScoreDefinition)[] = all;

/** The scores for static plans, in alphabetical order. */
export const staticScores: readonly Score[] = all.filter((entry) => 'score' in entry);

/** The scores that a reducer can use inside the running network, in alphabetical order. */
export const runTimeScores: readonly RunTimeScoreDefinition[] = blockEntries;

/** The schema of a score's data in a plan. */
export const scoreSchema: z.ZodMiniType<ScoreData> = z.discriminatedUnion(
  'name',
  blockEntries.map(({ schema }) => schema) as unknown as readonly [BlockEntry['schema']],
);

/**
 * Finds a score for static plans by its name.
 *
 * @throws UNKNOWN_NAME with near matches; INVALID_ARGUMENT for a score that works only at run time
 * @example
 * const { plan } = await slim(model, images, { method: patchSlimming({ score: findScore('rollout') }) });
 */
export function findScore(name: string): Score {
  const found = findByName(scores, name, 'score');
  if ('score' in found) return found;
  throw wrongUse(
    `findScore(): '${name}' works only inside the running network: it ${found.runTimeOnly}`,
    staticScores,
  );
}

/**
 * Finds a score that works inside the running network by its name.
 *
 * @throws UNKNOWN_NAME with near matches; INVALID_ARGUMENT for a score that works only for static plans
 */
export function findRunTimeScore(name: string): RunTimeScoreDefinition {
  const found = findByName(scores, name, 'score');
  if ('create' in found) return found;
  throw wrongUse(
    `findRunTimeScore(): '${name}' works only for static plans: it is not a function of one block`,
    runTimeScores,
  );
}

/**
 * Makes a score that runs inside the network.
 *
 * @throws UNKNOWN_NAME with near matches; INVALID_ARGUMENT for a score that works only for static plans
 * @example
 * createScore({ name: 'class-attention' }).scores(view, 100);
 */
export function createScore({ name, ...options }: ScoreData): BlockScore {
  return findRunTimeScore(name).create(options);
}

function wrongUse(problem: string, others: readonly { readonly name: string }[]): PatchslimError {
  const names = others.map(({ name }) => name);
  return new PatchslimError('INVALID_ARGUMENT', `${problem}; use one of ${names.join(', ')}`, { names });
}
