// The tests of this package. `--backend=NAME` runs the conformance suite on only one Node backend (tfjs-cpu,
// tfjs-wasm, tfjs-webgpu, tfjs-node, tfjs-node-gpu) and fails if it does not start; Vitest gets all other arguments.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const option = '--backend=';
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const wanted = process.argv.slice(2).find((argument) => argument.startsWith(option));
const others = process.argv.slice(2).filter((argument) => argument !== wanted);
const env = { ...process.env, ...(wanted && { PATCHSLIM_TFJS_BACKEND: wanted.slice(option.length) }) };

const { status } = spawnSync(process.execPath, [vitest, 'run', ...others], { stdio: 'inherit', env });
process.exitCode = status ?? 1;
