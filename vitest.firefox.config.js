// The tests for pages, in Firefox instead of Chromium: `npm run on-firefox`.
import { firefoxTests } from './tools/config/vitest.js';

export default firefoxTests();
