// Shared by the workspace scripts: running programs, installing missing dependencies, finding the data.
import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { npmCommand } from '../testing/npm-command.mjs';
import { hasApt, softwareGpu } from '../testing/platform.mjs';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const environment = {
  ...process.env,
  NX_DAEMON: 'false',
  NX_NO_CLOUD: 'true',
  NX_TUI: 'false',
  ORT_DISABLE_TELEMETRY: '1',
};

/**
 * Runs a program in the workspace root and returns its stdout (also shown unless `quiet`).
 * If its status is not 0, calls `onFailure` and exits this process with that status.
 */
export async function run(program, args, options = {}) {
  const { ended, output, errors } = await runToEnd(program, args, options);
  if (ended === 0) return output;
  if (options.quiet) process.stdout.write(output);
  options.onFailure?.(output + errors);
  console.error(`${program} ${args.join(' ')} ended with status ${ended}`);
  process.exit(ended);
}

/** The same for a program that may fail: returns its status. */
export const status = async (program, args, options) => (await runToEnd(program, args, options)).ended;

async function runToEnd(program, args, { quiet = false, env = {}, shell = false } = {}) {
  const child = spawn(program, args, {
    cwd: root,
    env: { ...environment, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    shell,
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
    if (!quiet) process.stdout.write(chunk);
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
    process.stderr.write(chunk);
  });
  const ended = await new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => done(code ?? 1));
  });
  return { ended, output, errors };
}

/** Runs a Node program. */
export const node = (args, options) => run(process.execPath, args, options);

export const nx = (args, options) => node([join(root, 'node_modules/nx/dist/bin/nx.js'), ...args], options);

/** Runs `npm ci` if there are no modules, or if they are older than the lock file. */
export async function installIfMissing() {
  const installed = join(root, 'node_modules/.package-lock.json');
  const lock = join(root, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  console.log('Installing dependencies (npm ci) …');
  const { program, args, shell } = npmCommand(['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  await run(program, args, { shell });
}

/**
 * Installs Chromium for the browser tests and for its software GPU. It installs Debian's package if this
 * process may do so; otherwise the browser tests use CHROME_PATH or Playwright's Chromium.
 */
export async function installChromiumIfMissing() {
  if (softwareGpu || !hasApt) return;
  console.log('Installing Chromium (apt-get) …');
  await run('apt-get', ['update', '-qq'], { quiet: true });
  await run('apt-get', ['install', '-qq', '-y', '--no-install-recommends', 'chromium'], { quiet: true });
}

/** The folder with real weights and images, or undefined: PATCHSLIM_DATA, else ../shared/data. */
export function dataFolder() {
  const folder = resolve(root, process.env.PATCHSLIM_DATA ?? '../shared/data');
  return existsSync(join(folder, 'deit_tiny')) && existsSync(join(folder, 'imagenet_sample'))
    ? folder
    : undefined;
}
