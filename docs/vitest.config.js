import { chromiumFlags, findChromium } from '../tools/config/chromium.js';
import { packageTests } from '../tools/config/vitest.js';

export default packageTests({
  provide: { chromium: { executablePath: findChromium(), args: chromiumFlags } },
});
