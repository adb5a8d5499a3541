/**
 * What differs between Linux, macOS and Windows. No other file of the packages asks which system this is: lint finds
 * those that do (`tools/testing/platform-rules.mjs`).
 */

import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { isNode, nodeFs, nodeOs } from './node.js';

const onWindows = (): boolean => process.platform === 'win32';

/** `linux-x64`, `darwin-arm64`, `win32-x64`, … */
export const systemName = (): string => `${process.platform}-${process.arch}`;

/** Error codes of a file that another program holds for a moment. Only on Windows does waiting help. */
export const heldFileCodes = (): readonly string[] => (onWindows() ? ['EPERM', 'EACCES', 'EBUSY'] : []);

/** Whether a path names a device and no file: `\\.\pipe\…` of Windows. Those of other systems show in their stats. */
export const isDevicePath = (path: string): boolean => onWindows() && path.startsWith('\\\\.\\');

/** Whether the links in a folder stand for open files. Following them by name would replace the file. */
export const holdsOpenFiles = (folder: string): boolean => /^\/(proc|dev\/fd)(\/|$)/.test(folder);

/** The number of this process's open file behind a path such as `/dev/fd/1`; undefined for other paths. */
export function openFileNumber(path: string): number | undefined {
  const found = /^\/(?:proc\/(\d+)\/fd|dev\/fd)\/(\d+)$/.exec(path);
  if (!found || (found[1] !== undefined && Number(found[1]) !== process.pid)) return undefined;
  return Number(found[2]);
}

/** Gives an open file the permissions of an older one; the process's umask may have removed some. Windows has none. */
export const setMode = (file: FileHandle, mode: number): Promise<void> =>
  onWindows() ? Promise.resolve() : file.chmod(mode);

/** Whether a file belongs to the user of this process. Windows does not tell. */
export const isOwn = ({ uid }: Stats): boolean => uid === process.getuid?.();

/** Makes a symbolic link to a file. @throws `EPERM` on Windows, for users without the right to make one */
export const linkFile = async (target: string, path: string): Promise<void> =>
  (await nodeFs()).symlink(target, path, 'file');

/**
 * Describes the scope of this process's number: the machine since its last boot, and the container on it. Containers on one
 * machine share the boot id, but differ in the inode of their process namespace. Undefined on systems without these
 * (macOS, Windows); there, nobody can tell whether a process has ended.
 */
export async function processScope(): Promise<string | undefined> {
  const [fs, os] = await Promise.all([nodeFs(), nodeOs()]);
  try {
    const [boot, processes] = await Promise.all([
      fs.readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
      fs.readlink('/proc/self/ns/pid'),
    ]);
    return JSON.stringify([os.hostname(), boot.trim(), processes]);
  } catch {
    return undefined;
  }
}

/** Signal 0 only tests. A process that rejects the signal exists. A reused number counts as running. */
export function isRunning(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Calls `stop` for every wish to end this process: Ctrl-C, a closed terminal, and on Windows also Ctrl-Break. */
export function onStop(stop: () => void): void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', ...(onWindows() ? ['SIGBREAK'] : [])] as NodeJS.Signals[];
  for (const signal of signals) process.on(signal, stop);
}

/** Whether WebGPU uses the GPU through Vulkan here: in Node on Linux. */
export const usesVulkan = (): boolean => isNode() && process.platform === 'linux';

/** The library that finds Vulkan's drivers. */
export const vulkanLoader = 'libvulkan.so.1';

/** Folders of settings and of data, of the user and of the system, by the rules of freedesktop.org. */
export function settingsFolders(): string[] {
  const os = process.getBuiltinModule('node:os');
  const path = process.getBuiltinModule('node:path');
  const listed = (name: string, otherwise: string): string[] => pathList(process.env[name] || otherwise);
  return [
    ...listed('XDG_CONFIG_HOME', path.join(os.homedir(), '.config')),
    ...listed('XDG_CONFIG_DIRS', '/etc/xdg'),
    ...['/etc', '/usr/local/etc'],
    ...listed('XDG_DATA_HOME', path.join(os.homedir(), '.local/share')),
    ...listed('XDG_DATA_DIRS', '/usr/local/share:/usr/share'),
  ];
}

/** The paths in the text of an environment variable. */
export const pathList = (text = ''): string[] =>
  text.split(onWindows() ? ';' : ':').filter((path) => path !== '');

/** Devices of NVIDIA's driver on Linux: a server or desktop, WSL, and Jetson. */
const nvidiaDevices = ['/dev/nvidiactl', '/dev/dxg', '/dev/nvmap'];

/**
 * Whether this machine surely has no NVIDIA driver (Node): a look at files, because loading CUDA's libraries takes a second and a
 * gigabyte. False on other systems than Linux, where the runtime has to find out.
 */
export async function lacksNvidiaDriver(): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const fs = await nodeFs();
  const isThere = (device: string) =>
    fs.access(device).then(
      () => true,
      () => false,
    );
  return !(await Promise.all(nvidiaDevices.map(isThere))).includes(true);
}
