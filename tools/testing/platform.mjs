// What tests and scripts need to know about Linux, macOS and Windows, in one place. For the packages that users install, this is
// `packages/tensor/src/files/platform.ts`. Lint finds other files that ask (`tools/testing/platform-rules.mjs`).
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, statSync } from 'node:fs';
import { chmod, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { delimiter, dirname, resolve } from 'node:path';

export const { platform } = process;
export const isWindows = platform === 'win32';
export const isLinux = platform === 'linux';

/** `linux-x64`, `darwin-arm64`, `win32-x64`, … */
export const systemName = `${platform}-${process.arch}`;

/** Whether links, permissions, signals and `sh` work as on Linux and macOS. */
export const isPosix = !isWindows;

/** Whether permissions do not bind this process. */
export const isRoot = process.getuid?.() === 0;

/** Number of threads of this process. Only Linux lists them. */
export const countThreads = () => readdirSync('/proc/self/task').length;

/** Debian's Chromium includes a Vulkan loader and a software GPU. */
const chromiumFolder = '/usr/lib/chromium';
const softwareDriver = `${chromiumFolder}/vk_swiftshader_icd.json`;

/** Environment variables that make the software GPU available to a process; undefined where there is none. */
export const softwareGpu = existsSync(softwareDriver)
  ? { VK_DRIVER_FILES: softwareDriver, LD_LIBRARY_PATH: chromiumFolder }
  : undefined;

/** Why there is no software GPU. */
export const noSoftwareGpu = `${softwareDriver} is absent; Debian's package chromium has it`;

/** Environment variables that hide the software GPU's driver, but not the loader of Vulkan. */
export const loaderWithoutDriver = { VK_DRIVER_FILES: '/nowhere', LD_LIBRARY_PATH: chromiumFolder };

/** Where browsers usually are. */
export const browserPlaces = {
  chromium: [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  ],
  firefox: [
    '/usr/bin/firefox-esr',
    '/usr/bin/firefox',
    '/Applications/Firefox.app/Contents/MacOS/firefox',
    'C:\\Program Files\\Mozilla Firefox\\firefox.exe',
  ],
};

/** Whether this process can install packages of Debian. */
export const hasApt = isRoot && existsSync('/usr/bin/apt-get');

/** Where Debian puts the libraries of ARM programs, and the emulator of their processor. */
export const armEmulator = {
  program: '/usr/bin/qemu-aarch64-static',
  libraries: '/usr/aarch64-linux-gnu',
  packages: ['qemu-user-static', 'libc6-arm64-cross', 'libstdc++6-arm64-cross', 'libatomic1-arm64-cross'],
};

/** A device without room, and a folder in which nobody, root included, can make a file. */
export const fullDevice = '/dev/full';
export const closedFolder = '/proc';

/** Takes the right to write from a folder. Windows has no such right of folders. */
export const makeReadOnly = (folder) => chmod(folder, 0o555);

/** Forgets the most memory that this process had (Linux). */
export const forgetPeak = () => writeFile('/proc/self/clear_refs', '5');

/** The most memory that this process had since then, in MB (Linux). */
export async function peakMemory() {
  const status = await readFile('/proc/self/status', 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)[1]) / 1024;
}

/** `PATH` with one more folder, at its start. */
export const pathWith = (folder) => `${folder}${delimiter}${process.env.PATH ?? ''}`;

/** Asks a process to end in order, as Ctrl-C does. Windows ends it at once. */
export const interrupt = (child) => child.kill('SIGINT');

/** Asks a process to end in order, as a system that shuts down does. Windows ends it at once. */
export const terminate = (child) => child.kill('SIGTERM');

/** Ends a process at once. */
export const endNow = (child) => child.kill('SIGKILL');

/** Makes a link to a file or a folder. Windows makes junctions and, for users without the right to make links, copies. */
export async function link(target, path) {
  if (isPosix) return symlink(target, path);
  const place = resolve(dirname(path), target);
  if (existsSync(place) && statSync(place).isDirectory()) return symlink(place, path, 'junction');
  try {
    await symlink(target, path, 'file');
  } catch (error) {
    if (error.code !== 'EPERM') throw error;
    copyFileSync(place, path);
  }
}

/** Gives a new folder its name, unless another process was first. */
export async function moveInPlace(from, to) {
  try {
    await rename(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  }
}

/**
 * Runs a program to its end and returns its stdout.
 *
 * @throws when its status is not 0, with its output
 */
export async function runQuietly(program, args, { cwd, env, shell = false } = {}) {
  const child = spawn(program, args, { cwd, env, shell, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk) => (stderr += chunk));
  const status = await new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', done);
  });
  if (status === 0) return stdout;
  throw new Error(`status ${status} of ${program} ${args.join(' ')}\n${stdout}${stderr}`);
}

/** Lines for a POSIX shell: Linux and macOS have one, Windows has that of Git. */
export const shellCommand = (code) => ({ program: 'sh', args: ['-euc', code] });
