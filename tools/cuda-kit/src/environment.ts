/** What machine this is: Node, GPU, driver, CUDA and the packages of the runtimes. */

import { systemName } from '@patchslim/testing/platform';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import type { KitResults } from './results.js';
import { root } from './root.js';
import { runCommand } from './run-command.js';

type Environment = KitResults['environment'];

const packages = [
  'onnxruntime-node',
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-node-gpu',
  '@tensorflow/tfjs-backend-webgpu',
  'webgpu',
];

export async function describeEnvironment(): Promise<Environment> {
  return {
    node: process.versions.node,
    platform: systemName,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    load: Number(loadavg()[0]!.toFixed(1)),
    gpus: await findGpus(),
    cudaToolkit: await findCudaToolkit(),
    cudnn: await findCudnn(),
    vulkan: await findVulkan(),
    packages: Object.fromEntries(packages.map((name) => [name, installedVersion(name)])),
  };
}

/** The GPUs that NVIDIA's driver sees. */
async function findGpus(): Promise<Environment['gpus']> {
  const start = performance.now();
  const fields = 'name,memory.total,driver_version,compute_cap';
  const query = await runCommand('nvidia-smi', [`--query-gpu=${fields}`, '--format=csv,noheader']);
  if (query.problem !== undefined) return { status: 'unavailable', reason: query.problem };
  const list = query.stdout
    .trim()
    .split('\n')
    .map((line) => line.split(',').map((part) => part.trim()))
    .map(([name, memory, driver, computeCapability]) => ({
      name: name || 'unknown',
      memory: memory || 'unknown',
      driver: driver || 'unknown',
      computeCapability: computeCapability || 'unknown',
    }));
  const { stdout } = await runCommand('nvidia-smi', []);
  const cuda = /CUDA Version:\s*([\d.]+)/.exec(stdout)?.[1] ?? null;
  return { status: 'passed', seconds: secondsSince(start), list, cuda };
}

async function findCudaToolkit(): Promise<Environment['cudaToolkit']> {
  const start = performance.now();
  const { problem, stdout } = await runCommand('nvcc', ['--version']);
  if (problem !== undefined) return { status: 'unavailable', reason: problem };
  const release = /release ([\d.]+)/.exec(stdout)?.[1] ?? stdout.trim().split('\n').at(-1)!;
  return { status: 'passed', seconds: secondsSince(start), release };
}

/** Where the loader of Linux finds cuDNN; elsewhere nothing tells it. */
async function findCudnn(): Promise<Environment['cudnn']> {
  const start = performance.now();
  const { problem, stdout } = await runCommand('ldconfig', ['-p']);
  if (problem !== undefined) return { status: 'unavailable', reason: problem };
  const files = [...stdout.matchAll(/=> (\S*libcudnn\.so\S*)/g)].map(([, file]) => file!);
  if (files.length === 0) return { status: 'unavailable', reason: 'ldconfig -p lists no libcudnn.so' };
  return { status: 'passed', seconds: secondsSince(start), files };
}

async function findVulkan(): Promise<Environment['vulkan']> {
  const start = performance.now();
  const { problem, stdout } = await runCommand('vulkaninfo', ['--summary']);
  if (problem !== undefined) return { status: 'unavailable', reason: problem };
  const devices = [...stdout.matchAll(/deviceName\s*=\s*(.+)/g)].map(([, name]) => name!.trim());
  return { status: 'passed', seconds: secondsSince(start), devices };
}

/** The version in node_modules, null if the package is absent. */
export function installedVersion(name: string): string | null {
  const file = join(root, 'node_modules', name, 'package.json');
  if (!existsSync(file)) return null;
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

export const secondsSince = (start: number): number =>
  Number(((performance.now() - start) / 1000).toFixed(1));
