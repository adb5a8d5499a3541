// Finds the program of a Node version: PATCHSLIM_NODE_22, this process's own, or npm's package of it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isLinux } from '../platform.mjs';
import { fetchPackage } from './fetch-package.mjs';
import { nodeVersions } from './versions.mjs';

/**
 * @param major 20, 22 or 24
 * @param arch x64 or arm64
 * @returns the path, or undefined where npm has no such Node for this system
 */
export async function nodeBinary(major, arch = process.arch) {
  const known = nodeVersions[major];
  if (!known) throw new Error(`Node ${major}: expected one of ${Object.keys(nodeVersions).join(', ')}`);
  const name = `PATCHSLIM_NODE_${major}`;
  const given = process.env[name];
  if (given !== undefined && arch === process.arch) {
    if (!existsSync(given)) throw new Error(`${name}: there is no ${given}`);
    return given;
  }
  if (arch === process.arch && process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const integrity = known.integrity[arch];
  if (!isLinux || integrity === undefined) return undefined;
  const wanted = { name: `node-linux-${arch}`, version: known.version, integrity, files: ['bin/node'] };
  return join(await fetchPackage(wanted), 'bin/node');
}
