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
export { defineReducer, type ReducerBehaviour } from './define-reducer.js';

// Blocks of a plan
export { planBlockSchema, resolveBlocks, toPlanBlocks, type PlanBlock } from './plan-blocks.js';

// Scores of top-k
export { scores, type ScoreData, type ScoreDefinition } from './scores.js';
export { type ScoreBehaviour } from './scores/score.js';
export { poolChannels, scoreTokens, type Predictor } from './scores/predictor.js';
