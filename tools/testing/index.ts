export { findRealData, requireRealData, type RealData } from './real-data.js';
export { compareRuns, milliseconds, spread, type Side } from './compare-runs.js';
