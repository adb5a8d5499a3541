/** Scores by name, for static plans and inside the running network. */

import { findByName, PatchslimError } from '@patchslim/tensor';
import * as z from 'zod/mini';
import * as list from './list.js';
import type { BlockScore, Score } from './score.js';

type Entry = (typeof list)[keyof typeof list];
type BlockEntry = Extract<Entry, { readonly schema: unknown }>;

/** The data of a score in a plan: its name and its options. */
export type ScoreData = z.output<BlockEntry['schema']>;

/** A score that works inside the running network, before it has its options. */
export interface RunTimeScoreDefinition {
  readonly name: ScoreData['name'];
  /** One line for people. */
  readonly summary: string;
  /** Of its data in a plan. */
  readonly schema: z.ZodMiniType;
  /** Why it cannot score captures; undefined when it can. */
  readonly runTimeOnly: string | undefined;
  /** @param options of the schema, without the name */
  create(options: Readonly<Record<string, unknown>>): BlockScore;
}

const all: readonly Entry[] = Object.values(list);
const isBlockEntry = (entry: Entry): entry is BlockEntry => 'schema' in entry;
const blockEntries = all.filter(isBlockEntry);

/** Every score, in alphabetical order: those of static plans, those of the running network, and those of both. */
export const scores: readonly (Score | RunTimeScoreDefinition)[] = all;

/** The scores for static plans, in alphabetical order. */
export const staticScores: readonly Score[] = all.filter((entry) => 'score' in entry);

/** The scores by which a reducer can rank rows inside the running network, in alphabetical order. */
export const runTimeScores: readonly RunTimeScoreDefinition[] = blockEntries;

/** The schema of a score's data in a plan. */
export const scoreSchema: z.ZodMiniType<ScoreData> = z.discriminatedUnion(
  'name',
  blockEntries.map(({ schema }) => schema) as unknown as readonly [BlockEntry['schema']],
);

/**
 * A score for static plans, by its name.
 *
 * @throws UNKNOWN_NAME with near matches; INVALID_ARGUMENT for a score that works at run time only
 * @example
 * const { plan } = await slim(model, images, { method: patchSlimming({ score: findScore('rollout') }) });
 */
export function findScore(name: string): Score {
  const found = findByName(scores, name, 'score');
  if ('score' in found) return found;
  throw wrongUse(
    `findScore(): '${name}' scores only inside the running network: it ${found.runTimeOnly}`,
    staticScores,
  );
}

/**
 * A score that works inside the running network, by its name.
 *
 * @throws UNKNOWN_NAME with near matches; INVALID_ARGUMENT for a score of static plans only
 */
export function findRunTimeScore(name: string): RunTimeScoreDefinition {
  const found = findByName(scores, name, 'score');
  if ('create' in found) return found;
  throw wrongUse(
    `findRunTimeScore(): '${name}' scores only static plans: it is no function of one block`,
    runTimeScores,
  );
}

/**
 * Makes a score that runs inside the network.
 *
 * @throws UNKNOWN_NAME with near matches; INVALID_ARGUMENT for a score of static plans only
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
