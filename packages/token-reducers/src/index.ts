// Reducers
export {
  createReducer,
  findReducer,
  reducers,
  reducerSchema,
  type ReducerData,
  type ReducerDefinition,
  type ReducerName,
  type ReducerOptions,
} from './reducers.js';
export {
  defineReducer,
  type ReducerBehaviour,
  type ReducerParts,
  type ReducerPlace,
} from './define-reducer.js';
export { constantCounts, patchesAt, shareAtQuarters } from './counts.js';

// Blocks of a plan
export { planBlockSchema, resolveBlocks, toPlanBlocks, type PlanBlock } from './plan-blocks.js';
export { reduceTo } from './reduce-to.js';
export { parseReducerOptions } from './parse-options.js';
