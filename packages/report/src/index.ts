// Pages
export { renderReport } from './render-report.js';
export { divergenceCells, divergenceColumns, plotComparison, renderComparison } from './render-comparison.js';

// Drawings
export { drawKept } from './draw-kept.js';
export { plotCurves, type CurvePlot } from './plot-curves.js';

// For programs
export {
  reportJson,
  type ReportEvaluation,
  type ReportExample,
  type ReportJson,
  type SlimReport,
} from './report.js';
export { type BlockSummary } from './summary.js';

// Text
export { activationOf, embeddingRows, figureNames, shareOf, type FigureNames } from './head-figures.js';
export { describeStep } from './describe-step.js';
export { formatDifference, formatPercent, formatSpeedup } from './numbers.js';
