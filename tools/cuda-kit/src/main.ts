/** The command of the kit: `node tools/cuda-kit/run.mjs`. */

import { runKit } from './kit.js';
import { help, parseOptions } from './options.js';

const say = (line: string): void => console.log(line);
const options = parseOptions(process.argv.slice(2));
if (options === 'help') say(help);
else await runKit(options, say);
