/** `patchslim doctor`: which backends come up here, and why the others do not. */

import { float32, gelu, runOnHost } from '@patchslim/tensor';
import { backendChoices, type BackendChoice } from '../backends.js';
import { defineCommand } from '../command.js';
import { table } from '../table.js';
import { noMoreArguments } from '../usage.js';

interface Finding {
  readonly name: string;
  readonly description: string;
  readonly works: boolean;
  readonly reason?: string;
}

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'Tries every backend with a small program and says which work here, and why the others do not.',
  usage: 'doctor',
  optionHelp: [],
  example: 'doctor',
  options: {},
  async run(positionals) {
    noMoreArguments(positionals, 0);
    const findings: Finding[] = [];
    for (const choice of backendChoices) findings.push(await examine(choice));
    return {
      json: { node: process.version, platform: `${process.platform}-${process.arch}`, backends: findings },
      text: [
        `Node ${process.version} on ${process.platform}-${process.arch}`,
        table(
          findings.map(({ name, works, description, reason }) => [
            `${works ? '✓' : '✗'} ${name}  ${reason ?? description}`,
          ]),
        ),
      ].join('\n'),
    };
  },
});

/** A backend works when a program gives the right number on it. */
async function examine({ name, description, open }: BackendChoice): Promise<Finding> {
  try {
    const backend = await open();
    const program = await backend.compile(({ x }) => ({ y: gelu(x) }), {
      x: { shape: [1], dtype: 'float32' },
    });
    const { y } = await runOnHost(backend, program, { x: float32([1], [1]) });
    await program.dispose();
    const [value] = y.data;
    if (Math.abs(value! - 0.841345) < 1e-3) return { name, description, works: true };
    return { name, description, works: false, reason: `gelu(1) gave ${value} instead of 0.8413` };
  } catch (error) {
    return {
      name,
      description,
      works: false,
      reason: error instanceof Error ? error.message : String(error),
    };
  }
}
