import type { ChildProcess } from 'node:child_process';

type Variables = Readonly<Record<string, string>>;

/** As in `process`. */
export const platform: NodeJS.Platform;
export const isWindows: boolean;
export const isLinux: boolean;
/** `linux-x64`, `darwin-arm64`, `win32-x64`, … */
export const systemName: string;
/** Whether links, permissions, signals and `sh` work as on Linux and macOS. */
export const isPosix: boolean;
/** Whether permissions do not bind this process. */
export const isRoot: boolean;
/** Number of threads of this process. Only Linux lists them. */
export function countThreads(): number;
/** Environment variables that make a software GPU available to a process; undefined where there is none. */
export const softwareGpu: Variables | undefined;
/** Why there is no software GPU. */
export const noSoftwareGpu: string;
/** Environment variables that hide the software GPU's driver, but not the loader of Vulkan. */
export const loaderWithoutDriver: Variables;
/** Where browsers usually are. */
export const browserPlaces: Readonly<Record<'chromium' | 'firefox', readonly string[]>>;
/** Whether this process can install packages of Debian. */
export const hasApt: boolean;
/** Where Debian puts the libraries of ARM programs, and the emulator of their processor. */
export const armEmulator: {
  readonly program: string;
  readonly libraries: string;
  readonly packages: readonly string[];
};
/** A device without room. */
export const fullDevice: string;
/** A folder in which nobody, root included, can make a file. */
export const closedFolder: string;
/** Takes the right to write from a folder. Windows has no such right of folders. */
export function makeReadOnly(folder: string): Promise<void>;
/** Forgets the most memory that this process had (Linux). */
export function forgetPeak(): Promise<void>;
/** The most memory that this process had since then, in MB (Linux). */
export function peakMemory(): Promise<number>;
/** `PATH` with one more folder, at its start. */
export function pathWith(folder: string): string;
/** Asks a process to end in order, as Ctrl-C does. Windows ends it at once. */
export function interrupt(child: ChildProcess): boolean;
/** Asks a process to end in order, as a system that shuts down does. Windows ends it at once. */
export function terminate(child: ChildProcess): boolean;
/** Ends a process at once. */
export function endNow(child: ChildProcess): boolean;
/** Makes a link to a file or a folder. Windows makes junctions and, for users without the right to make links, copies. */
export function link(target: string, path: string): Promise<void>;
/** Gives a new folder its name, unless another process was first. */
export function moveInPlace(from: string, to: string): Promise<void>;
/** Runs a program to its end and returns its stdout. @throws when its status is not 0, with its output */
export function runQuietly(
  program: string,
  args: readonly string[],
  options?: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly shell?: boolean },
): Promise<string>;
/** Lines for a POSIX shell, as arguments of `spawn`. */
export function shellCommand(code: string): { readonly program: string; readonly args: string[] };
