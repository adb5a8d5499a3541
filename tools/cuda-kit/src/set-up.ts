/** Installs what the CUDA backends need beside `npm ci`. Each step is a process; one that fails does not stop the others. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { npmCommand } from '@patchslim/testing/npm-command';
import { installedVersion, secondsSince } from './environment.js';
import type { KitResults } from './results.js';
import { root } from './root.js';
import { runCommand } from './run-command.js';

type Step = KitResults['setUp'][number];

/** Minutes: libraries of CUDA have gigabytes. */
const patience = 30 * 60_000;

interface Command {
  readonly name: string;
  /** As a person types it. */
  readonly text: string;
  readonly program: string;
  readonly args: readonly string[];
  /** What makes the step unnecessary, if it does. */
  readonly done: () => string | undefined;
}

const source = ['--conditions=@patchslim/source', '--import=tsx'];
/** The version that belongs to the installed tfjs-core. */
const tfjs = (): string =>
  `@tensorflow/tfjs-node-gpu@${installedVersion('@tensorflow/tfjs-core') ?? 'latest'}`;

function commandsFor(backends: readonly string[]): Command[] {
  const npm = npmCommand(['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', tfjs()]);
  const installer = 'node_modules/onnxruntime-node/script/install.js';
  const cuda: Command = {
    name: 'CUDA libraries of onnxruntime-node',
    text: `node ${installer} --onnxruntime-node-install=cuda12`,
    program: process.execPath,
    args: [installer, '--onnxruntime-node-install=cuda12'],
    done: () => cudaLibrary(),
  };
  const package_: Command = {
    name: 'package @tensorflow/tfjs-node-gpu',
    text: `npm install --no-save --ignore-scripts ${tfjs()}`,
    program: npm.program,
    args: npm.args,
    done: () => installedVersion('@tensorflow/tfjs-node-gpu') ?? undefined,
  };
  const addon: Command = {
    name: 'native part of @tensorflow/tfjs-node-gpu',
    text: 'patchslim setup tfjs-node-gpu',
    program: process.execPath,
    args: [...source, 'packages/patchslim/src/bin.ts', 'setup', 'tfjs-node-gpu'],
    done: () => undefined, // the command itself knows what is there
  };
  return [
    ...(backends.includes('cuda') ? [cuda] : []),
    ...(backends.includes('tfjs-node-gpu') ? [package_, addon] : []),
  ];
}

export async function setUp(backends: readonly string[], say: (line: string) => void): Promise<Step[]> {
  const steps: Step[] = [];
  for (const { name, text, program, args, done } of commandsFor(backends)) {
    const start = performance.now();
    const already = done();
    say(`set-up: ${text}`);
    const ran =
      already === undefined ? await runCommand(program, args, { cwd: root, timeoutMs: patience }) : undefined;
    const output = already === undefined ? lastLines(`${ran!.stdout}${ran!.stderr}`) : `present: ${already}`;
    const outcome: Step['outcome'] =
      ran?.problem === undefined
        ? { status: 'passed', seconds: secondsSince(start), output }
        : { status: 'failed', seconds: secondsSince(start), reason: ran.problem, output };
    steps.push({ name, command: text, outcome });
  }
  return steps;
}

/** The file of ONNX Runtime's CUDA provider, if it is there. */
function cudaLibrary(): string | undefined {
  const folder = join(root, 'node_modules/onnxruntime-node/bin');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files.find((file) => /onnxruntime_providers_cuda\./.test(file));
}

const lastLines = (output: string): string => output.trim().split('\n').slice(-20).join('\n');
