export { countForward, countProgram } from './count.js';
export { blockMacs, vitMacs, type VitMacs } from './closed-form.js';
export {
  conventions,
  fvcoreConvention,
  macsConvention,
  type Convention,
  type CountedCall,
} from './convention.js';
export { createCountingBackend, type CountingBackend } from './counting-backend.js';
export { summarize, type Cost, type CostReport } from './report.js';
export { formatReport } from './format.js';
