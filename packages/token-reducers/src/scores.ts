/** Scores of `top-k` by name. To add one: write its file, add one line here. */

import { findByName } from '@patchslim/tensor';
import * as z from 'zod/mini';
import { attentionReceived } from './scores/attention-received.js';
import { classAttention } from './scores/class-attention.js';
import { globalClassAttention } from './scores/global-class-attention.js';
import { predictor } from './scores/predictor.js';
import { sampledAttention } from './scores/sampled-attention.js';
import type { ScoreBehaviour } from './scores/score.js';

const table = [predictor, classAttention, globalClassAttention, sampledAttention, attentionReceived] as const;

type ScoreSchema = (typeof table)[number]['schema'];

/** The data of a score, as a plan holds it. */
export type ScoreData = z.output<ScoreSchema>;

export const scoreSchema: z.ZodMiniType<ScoreData> = z.discriminatedUnion(
  'name',
  table.map(({ schema }) => schema) as unknown as readonly [ScoreSchema, ...ScoreSchema[]],
);

/** A score of `top-k` by name, before it has its data. */
export interface ScoreDefinition {
  readonly name: ScoreData['name'];
  /** Of its data in a plan. */
  readonly schema: z.ZodMiniType;
  create(data: Readonly<Record<string, unknown>>): ScoreBehaviour;
}

/** Every score by which `top-k` can keep rows. */
export const scores: readonly ScoreDefinition[] = table;

/** @throws UNKNOWN_NAME, with the names there are */
export function createScore(data: ScoreData): ScoreBehaviour {
  return findByName(scores, data.name, 'score').create(data);
}
