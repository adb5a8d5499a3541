import { packageTestsEverywhere } from '../../tools/config/vitest.js';

export default packageTestsEverywhere();
