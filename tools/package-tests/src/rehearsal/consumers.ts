/** The consumers of the rehearsal: programs of users that import the installed packages and run. */

import { cp, mkdir, writeFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';
import { serveFolder } from '@patchslim/testing';
import { mainPage, mainProgram, openInChromium, type ChromiumOptions } from '../open-in-chromium.js';
import type { Project } from './managers.js';
import { freePort, startNode } from './start-program.js';

export interface Consumer {
  /** As the table prints it. */
  readonly name: string;
  /** Packages of npm that it needs besides ours, with exact versions. */
  readonly needs: Readonly<Record<string, string>>;
  /** Managers that it is not tried with, and the reason. */
  readonly except: Readonly<Record<string, string>>;
  /** @throws when the result is not as expected */
  run(project: Project, chromium: ChromiumOptions): Promise<void>;
}

const fixtures = join(import.meta.dirname, '../../fixtures');

/** What the Node programs print: the small Fashion-MNIST model, slimmed on 16 images. */
const expectedInNode = {
  backend: 'native',
  macs: { dense: 117_355_136, slimmed: 78_682_752 },
  label: 'Ankle boot',
};
const tfjsPackages = ['core', 'backend-cpu', 'backend-wasm', 'backend-webgpu'].map(
  (name) => `@tensorflow/tfjs-${name}`,
);
const nodeBundlers = 'the bundler runs in Node';

/** @param installed versions of packages that this workspace has too */
export function listConsumers(installed: (name: string) => string): Consumer[] {
  // webpack and Turbopack resolve every import() of a package, also those that never run.
  const runtimes = Object.fromEntries(tfjsPackages.map((name) => [name, installed(name)]));
  const onlyWithNode = { Bun: nodeBundlers, Deno: nodeBundlers };
  return [
    {
      name: 'ESM',
      needs: {},
      except: {},
      run: (project) => runNodeProgram(project, 'program.mjs'),
    },
    {
      name: 'CommonJS',
      needs: {},
      except: {},
      run: (project) => runNodeProgram(project, 'program.cjs'),
    },
    {
      name: 'command',
      needs: {},
      except: {},
      async run({ runBin }) {
        const { stdout } = await runBin('patchslim', ['flops', 'deit-tiny', '--json']);
        const { macs } = JSON.parse(stdout.trim().split('\n').at(-1)!) as { macs: number };
        expectEqual(macs, 1_253_683_200);
      },
    },
    {
      name: 'Vite',
      needs: { vite: installed('vite') },
      except: onlyWithNode,
      async run(project, chromium) {
        const folder = await copyPage(project.folder, 'vite');
        await cp(join(fixtures, 'browser/vite.config.js'), join(folder, 'vite.config.js'));
        await project.runBin('vite', ['build', folder, '--logLevel', 'error']);
        await runStaticPage(join(folder, 'dist'), chromium);
      },
    },
    {
      name: 'webpack',
      needs: { webpack: '5.113.0', 'webpack-cli': '6.0.1', ...runtimes },
      except: onlyWithNode,
      async run(project, chromium) {
        const folder = await copyPage(project.folder, 'webpack');
        await cp(join(fixtures, 'consumers/webpack'), folder, { recursive: true });
        await project.runBin('webpack', ['--config', join(folder, 'webpack.config.mjs')]);
        await cp(join(folder, 'index.html'), join(folder, 'dist/index.html'));
        await runStaticPage(join(folder, 'dist'), chromium);
      },
    },
    {
      name: 'Next.js',
      needs: { next: '16.4.6', react: '19.3.1', 'react-dom': '19.3.1', ...runtimes },
      except: { ...onlyWithNode, 'yarn 4 PnP': 'Turbopack does not read PnP' },
      async run(project, chromium) {
        const folder = await copyPage(project.folder, 'next');
        await cp(join(fixtures, 'consumers/next'), folder, { recursive: true });
        await project.runBin('next', ['build', folder]);
        await runNextServer(project.folder, folder, chromium);
      },
    },
  ];
}

/** Only the last line counts: a runtime may print a warning before. */
async function runNodeProgram({ folder, runFile }: Project, file: string): Promise<void> {
  await cp(join(fixtures, 'consumers/node', file), join(folder, file));
  const { stdout } = await runFile(file);
  expectEqual(JSON.parse(stdout.trim().split('\n').at(-1)!), expectedInNode);
}

const programs = ['macs', 'worker'];

/** Copies the programs of a page and the script that runs them. */
async function copyPage(project: string, name: string): Promise<string> {
  const folder = join(project, name);
  await mkdir(folder, { recursive: true });
  await cp(join(fixtures, 'consumers/page'), folder, { recursive: true });
  await cp(join(fixtures, 'browser/small-model.js'), join(folder, 'small-model.js'));
  await cp(join(fixtures, 'browser/browser.js'), join(folder, 'worker.js'));
  await writeFile(join(folder, 'index.html'), mainPage);
  await writeFile(join(folder, 'main.js'), mainProgram(programs));
  return folder;
}

async function runStaticPage(folder: string, chromium: ChromiumOptions): Promise<void> {
  const server = await serveFolder(folder);
  try {
    await expectPage(server.url, chromium);
  } finally {
    await server.close();
  }
}

/** Both halves: the route runs the pipeline on the server, the page in the browser. */
async function runNextServer(project: string, folder: string, chromium: ChromiumOptions): Promise<void> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const next = join(project, 'node_modules/next/dist/bin/next');
  const { stop } = await startNode([next, 'start', folder, '--port', String(port)], { cwd: project, url });
  try {
    const answer = await fetch(`${url}/slim`);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`/slim answered ${answer.status}: ${text.slice(0, 500)}`);
    expectEqual(JSON.parse(text), expectedInNode);
    await expectPage(url, chromium);
  } finally {
    await stop();
  }
}

async function expectPage(url: string, chromium: ChromiumOptions): Promise<void> {
  const { results, problems } = await openInChromium(url, chromium);
  for (const { computed, expected } of Object.values(results)) expectEqual(computed, expected);
  expectEqual(Object.keys(results), programs);
  expectEqual(problems, []);
}

function expectEqual(got: unknown, expected: unknown): void {
  if (isDeepStrictEqual(got, expected)) return;
  throw new Error(`expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`);
}
