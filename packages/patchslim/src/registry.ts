/** All subcommands. To add one: write its file, add one line here. */

import type { Command } from './command.js';
import { bench } from './commands/bench.js';
import { compareCommand } from './commands/compare.js';
import { curves } from './commands/curves.js';
import { doctor } from './commands/doctor.js';
import { evalCommand } from './commands/eval.js';
import { exportCommand } from './commands/export.js';
import { flops } from './commands/flops.js';
import { inspect } from './commands/inspect.js';
import { models } from './commands/models.js';
import { run } from './commands/run.js';
import { setup } from './commands/setup.js';
import { slimCommand } from './commands/slim.js';
import { train } from './commands/train.js';

/** All commands, in the order of the help. */
export const commands: readonly Command[] = [
  slimCommand,
  evalCommand,
  run,
  exportCommand,
  bench,
  compareCommand,
  curves,
  train,
  flops,
  inspect,
  models,
  doctor,
  setup,
];
