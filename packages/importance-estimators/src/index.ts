// Definition of a score
export {
  defineScore,
  type BlockScore,
  type BlockScoreDefinition,
  type NetworkScoreDefinition,
  type RunTimeScore,
  type Score,
  type ScoreContext,
} from './score.js';
export { type ViewPart } from './capture-view.js';

// Scores by name
export {
  createScore,
  findRunTimeScore,
  findScore,
  runTimeScores,
  scores,
  scoreSchema,
  staticScores,
  type RunTimeScoreDefinition,
  type ScoreData,
} from './scores.js';

// Each score
export * from './list.js';
export { poolChannels, scoreTokens, type Predictor } from './predictor.js';
