// The tests of all packages in one process: `npm test`. `npx nx test @patchslim/tensor` runs those of one.
import { workspaceTests } from './tools/config/vitest.js';

export default workspaceTests({ separate: ['packages/browser', 'docs', 'tools/package-tests'] });
