/** A reducer as a method: it chooses tokens while the network runs, and needs no images. */

import { countsSchedule } from '@patchslim/slimming-schedules';
import { parseReducerOptions, reduceTo, type ReducerDefinition } from '@patchslim/token-reducers';
import type { VitConfig } from '@patchslim/vit-models';
import type { Method } from './method.js';

/** Parts of a method besides its reducer. */
export interface ReducerMethodOptions {
  readonly name: string;
  readonly summary: string;
  /** Options of the reducer that replace its defaults. */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
  /** The counts of the paper for a model. */
  readonly countsOf?: ((config: VitConfig) => readonly number[] | undefined) | undefined;
}

/** Every block that removes tokens uses the same reducer. */
export function reducerMethod(
  reducer: ReducerDefinition,
  { name, summary, options, countsOf }: ReducerMethodOptions = {
    name: reducer.name,
    summary: reducer.summary,
    countsOf: (config) => reducer.countsOf(config),
  },
): Method {
  return {
    ...{ name, summary, fewBlocks: reducer.fewBlocks },
    blockOf: (place) => reduceTo(reducer.name, place, options),
    ...(countsOf && {
      scheduleOf(config) {
        const counts = countsOf(config);
        return counts && countsSchedule(counts);
      },
    }),
    withSettings(settings) {
      const given = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
      return reducerMethod(reducer, {
        ...{ name: `${name}:${given.join(',')}`, summary, countsOf },
        options: { ...options, ...parseReducerOptions(reducer.name, settings) },
      });
    },
  };
}
