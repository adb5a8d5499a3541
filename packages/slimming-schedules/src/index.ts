// The plan
export {
  blocksFor,
  createPlan,
  formatPlan,
  parsePlan,
  type PlannedModel,
  type SlimPlan,
} from './slim-plan.js';
export { findStep, type PlanStep, type PlanStepOf, type Provenance } from './provenance.js';

// Schedules
export {
  errorNorms,
  type Budget,
  type CostOf,
  type ErrorNorm,
  type Schedule,
  type ScheduleResult,
  type SearchedBlock,
  type SlimmingOracle,
} from './schedule.js';
export { parseSchedule, scheduleFormats } from './parse-schedule.js';
export {
  budgetCounts,
  budgetSchedule,
  everyNth,
  isTooSmallBudget,
  thinning,
  type BudgetShape,
} from './budget.js';
export { constantCounts } from '@patchslim/token-reducers';
export { constantSchedule } from './constant.js';
export { countsSchedule, figure5Counts, planByCounts } from './counts.js';
export { searchSchedule } from './search.js';
export { keepRatioSchedule, ratioCounts } from './keep-ratio.js';
export { planTopDown, topDownSchedule, type TopDownOptions } from './top-down.js';
export { fillUp, largest, type Scores } from './selection.js';
