/** Messages between page and worker. They use one channel, so they arrive in order: progress before the result. */

import {
  isPatchslimError,
  PatchslimError,
  type ErrorCode,
  type ErrorDetails,
  type ProgressEvent,
} from '@patchslim/tensor';
import type { TaskName } from './tasks.js';

/** Messages from the page. The channel can carry other messages: only messages with `patchslim` are ours. */
export type ToWorker =
  | {
      readonly patchslim: 'call';
      readonly id: string;
      readonly task: TaskName;
      readonly request: unknown;
      readonly paths: FilePaths;
    }
  | { readonly patchslim: 'abort'; readonly id: string };

/** Messages from the worker: any number of progress events for a call, then one result or failure. */
export type FromWorker =
  | { readonly patchslim: 'progress'; readonly id: string; readonly event: ProgressEvent }
  | { readonly patchslim: 'result'; readonly id: string; readonly value: unknown }
  | { readonly patchslim: 'failure'; readonly id: string; readonly error: PostedError };

/** A posted error, without `cause`, which can contain values that cannot be posted. */
interface PostedError {
  /** Undefined for errors other than PatchslimError: a bug. */
  readonly code?: ErrorCode | undefined;
  readonly message: string;
  readonly details: ErrorDetails;
}

export function postedError(error: unknown): PostedError {
  if (!isPatchslimError(error)) return { message: String(error), details: {} };
  const { code, message, details } = error;
  return { code, message, details: JSON.parse(JSON.stringify(details)) as ErrorDetails };
}

export function receivedError({ code, message, details }: PostedError): Error {
  return code === undefined ? new Error(message) : new PatchslimError(code, message, details);
}

/** Paths of the request's files in their folder, by the name of their list. */
type FilePaths = Readonly<Record<string, readonly string[]>>;

/** Browsers need not post `webkitRelativePath` with a file, so it is sent separately. */
export function filePaths(request: unknown): FilePaths {
  const lists = Object.entries(request ?? {}).filter(([, value]) => isFileList(value)) as [string, File[]][];
  return Object.fromEntries(lists.map(([name, files]) => [name, files.map(pathOf)]));
}

/** Restores lost paths of a request's files. */
export function restorePaths(request: unknown, paths: FilePaths): void {
  for (const [name, list] of Object.entries(paths)) {
    for (const [i, file] of (request as Record<string, File[]>)[name]!.entries()) {
      if (pathOf(file) === list[i]) continue;
      Object.defineProperty(file, 'webkitRelativePath', { value: list[i], configurable: true });
    }
  }
}

const isFileList = (value: unknown): value is File[] =>
  Array.isArray(value) && value.length > 0 && value.every((file) => file instanceof Blob);

const pathOf = (file: File): string => (file as { webkitRelativePath?: string }).webkitRelativePath ?? '';
