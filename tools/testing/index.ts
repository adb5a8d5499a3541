export { findRealData, requireRealData, type RealData } from './real-data.js';
export { compareRuns, median, type Measured, type Side } from './compare-runs.js';
