/** Chromium with the test page, the model and the images of `@patchslim/fashion-vit`. */

import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { imageFolder, modelFolder } from '@patchslim/fashion-vit';
import { serveFolder, type StaticServer, type StaticServerOptions } from '@patchslim/testing';
import { chromium, type Page } from 'playwright';
import { inject } from 'vitest';

export interface OpenPageOptions extends StaticServerOptions {
  /** @default true */
  readonly webgpu?: boolean;
}

export interface OpenedPage {
  readonly page: Page;
  readonly server: StaticServer;
  readonly problems: string[];
  close(): Promise<void>;
}

/** Opens a separate page in a separate browser. */
export async function openPage({ webgpu = true, ...serving }: OpenPageOptions = {}): Promise<OpenedPage> {
  const { executablePath, args } = inject('chromium');
  if (!executablePath) throw new Error('no Chromium: npm test installs it on Debian; else set CHROME_PATH');
  const folders = {
    ...serving.folders,
    '/model/': fileURLToPath(modelFolder),
    '/images/': fileURLToPath(imageFolder),
  };
  const server = await serveFolder(inject('site'), { ...serving, folders });
  const flags = webgpu ? args : args.filter((flag) => !/webgpu/i.test(flag));
  const browser = await chromium.launch({ executablePath, args: flags });
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(server.url);
  await page.waitForFunction(() => 'test' in globalThis);
  return {
    ...{ page, server, problems },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

/** Some images of every class, by their paths in the folder. */
export async function imagePaths(ofEachClass: number): Promise<string[]> {
  const root = fileURLToPath(imageFolder);
  const folders = (await readdir(root)).sort();
  const lists = folders.map(async (folder) =>
    (await readdir(`${root}/${folder}`))
      .sort()
      .slice(0, ofEachClass)
      .map((name) => `${folder}/${name}`),
  );
  return (await Promise.all(lists)).flat();
}
