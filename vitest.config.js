// The tests of all packages in one process: `npm test`. `npx nx test @patchslim/tensor` runs those of one.
import { workspaceTests } from './tools/config/vitest.js';

// These leave no state in their process. The others measure its memory, or set the threads of onnxruntime-web, which
// all sessions of a process share.
const together = [
  'packages/{tensor,vit-models,importance-estimators,token-reducers,slimming-schedules,flop-counter}/**/*.test.ts',
  'packages/{datasets,training,report,slimming/src,patchslim}/**/*.test.ts',
  'packages/slimming/test/!(dynamic-*).test.ts',
];

export default workspaceTests({
  separate: ['packages/browser', 'docs', 'tools/cuda-kit', 'tools/package-tests'],
  together,
});
