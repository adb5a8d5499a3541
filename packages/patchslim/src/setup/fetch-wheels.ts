/** Gets wheels: from a path that the user gave, or from PyPI with pip. */

import { mkdir, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PatchslimError } from '@patchslim/tensor';
import { platformTags, type System } from './platform.js';
import { lastWords, runProgram } from './run-program.js';
import type { Pip } from './tools.js';

/** A version of Python for which wheels exist. Nothing of it is used: the libraries in the wheels are the same for all. */
const pythonVersion = '3.11';

/** Arguments of pip that download wheels for this system, whatever Python pip itself runs on. */
export const downloadArgs = (system: System, folder: string, requirements: readonly string[]): string[] => [
  ...['download', '--no-deps', '--only-binary=:all:', '--no-input', '--disable-pip-version-check'],
  ...['--progress-bar=off', '--dest', folder, '--implementation', 'cp', '--python-version', pythonVersion],
  ...platformTags(system).flatMap((tag) => ['--platform', tag]),
  ...requirements,
];

/**
 * Downloads wheels into `folder`.
 *
 * @returns their paths
 * @throws `DOWNLOAD_FAILED` with what pip said, `ABORTED`
 */
export async function downloadWheels(
  where: string,
  [program, ...args]: Pip,
  system: System,
  folder: string,
  requirements: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const all = [...args, ...downloadArgs(system, folder, requirements)];
  const ended = await runProgram(program, all, { signal });
  if (ended.status === 0) return wheelsIn(folder);
  throw new PatchslimError(
    'DOWNLOAD_FAILED',
    `${where}: pip cannot download ${requirements.join(', ')}: ${lastWords(ended)}\ncheck the network, or give a wheel with --wheel PATH`,
    { requirements },
  );
}

/**
 * The wheels of `--wheel`: one file, or all wheels of a folder; TensorFlow's first.
 *
 * @throws `NOT_FOUND` for no such path, and a folder without a wheel of TensorFlow
 */
export async function givenWheels(where: string, path: string): Promise<readonly string[]> {
  const place = await stat(path).catch((cause: unknown) => {
    throw new PatchslimError(
      'NOT_FOUND',
      `${where}: --wheel: there is no file or folder ${path}`,
      { path },
      cause,
    );
  });
  if (!place.isDirectory()) return [path];
  const isTensorflow = (file: string): boolean => /^tensorflow[-_]/.test(basename(file));
  const wheels = await wheelsIn(path);
  const [first] = wheels.filter(isTensorflow);
  if (first === undefined) {
    throw new PatchslimError('NOT_FOUND', `${where}: --wheel: ${path} has no wheel of TensorFlow`, { path });
  }
  return [first, ...wheels.filter((file) => !isTensorflow(file))];
}

const wheelsIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith('.whl')).toSorted().map((name) => join(folder, name)); // prettier-ignore
