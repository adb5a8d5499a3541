/** Methods by name. To add one that chooses at run time: write its file, add one line here. */

import { findScore } from '@patchslim/importance-estimators';
import { findByName } from '@patchslim/tensor';
import { scheduleCost } from '../latency/schedule-cost.js';
import { slimDynamic } from '../predictor/slim-dynamic.js';
import { slim } from '../slim.js';
import { ats } from './ats.js';
import { classAttention } from './class-attention.js';
import { diffrate } from './diffrate.js';
import { evit } from './evit.js';
import { evoVit } from './evo-vit.js';
import { mctf } from './mctf.js';
import type { Method, RuntimeMethod } from './method.js';
import { pitome } from './pitome.js';
import { pool } from './pool.js';
import { power } from './power.js';
import { slimAtRunTime } from './slim-at-run-time.js';
import { tome } from './tome.js';
import { tps } from './tps.js';
import { ward } from './ward.js';
import { zeroTPrune } from './zero-tprune.js';

/** The methods that choose tokens while the network runs. */
export const runtimeMethods: readonly RuntimeMethod[] = [
  ward,
  tome,
  pitome,
  mctf,
  diffrate,
  tps,
  evit,
  evoVit,
  ats,
  power,
  zeroTPrune,
  classAttention,
  pool,
];

/**
 * A method that chooses at run time, by its name.
 *
 * @throws UNKNOWN_NAME, with the names there are
 */
export const findRuntimeMethod = (name: string): RuntimeMethod =>
  findByName(runtimeMethods, name, 'run-time method');

/** All methods by name. */
export const methods: readonly Method[] = [
  ...runtimeMethods.map((method): Method => ({
    name: method.name,
    summary: method.summary,
    plan: async (model, _, options) => {
      const { schedule } = options;
      return slimAtRunTime(
        model,
        method,
        schedule,
        await scheduleCost(model, schedule, method.entry, options),
      );
    },
  })),
  {
    name: 'dps',
    summary: 'keeps those of each image that a predictor has learned to choose',
    plan: async (model, images, options) => (await slimDynamic(model, images, options)).plan,
  },
  {
    name: 'patch-slimming',
    summary: 'keeps the same patches for all images',
    async plan(model, images, options) {
      const estimator = findScore('impact');
      return (await slim(model, images, { ...options, estimator, attention: 'dense', keys: 'compact' })).plan;
    },
  },
];

/**
 * A method by its name.
 *
 * @throws UNKNOWN_NAME, with the names there are
 */
export const findMethod = (name: string): Method => findByName(methods, name, 'method');
