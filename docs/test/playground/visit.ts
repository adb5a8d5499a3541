/** The site that was built, in Chromium, served as any web server would; and what the page complains of. */

import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright';
import { preview } from 'vite';
import { afterAll, inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    chromium: { executablePath: string | undefined; args: string[] };
  }
}

export interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly origin: string;
  /** Errors and warnings of the page, and what could not be loaded. */
  readonly problems: readonly string[];
  /** Addresses that were asked for, but those of the page's own server. */
  readonly foreign: readonly string[];
  close(): Promise<void>;
}

export interface VisitOptions {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  /** Further flags of Chromium. */
  readonly flags?: readonly string[];
  /** Whether Chromium has WebGPU. */
  readonly webgpu?: boolean;
  /** Whether the server sends the headers that threads need. Most hosts do not. @default false */
  readonly isolated?: boolean;
  /** Answers requests in place of other servers, which are out of reach. */
  readonly prepare?: (context: BrowserContext) => Promise<unknown>;
}

const site = fileURLToPath(new URL('../..', import.meta.url));

/** One Chromium for all visits of a test file with the same flags; each visit has a profile of its own. */
const open = new Map<string, Promise<Browser>>();
afterAll(async () => {
  for (const browser of open.values()) await (await browser).close();
  open.clear();
});

function openChromium(webgpu: boolean, flags: readonly string[]): Promise<Browser> {
  const key = JSON.stringify([webgpu, flags]);
  if (!open.has(key)) open.set(key, launchChromium(webgpu, flags));
  return open.get(key)!;
}

/** Opens the playground. */
export async function visitPlayground({
  width = 1280,
  height = 900,
  dark = false,
  flags = [],
  webgpu = true,
  isolated = false,
  prepare,
}: VisitOptions = {}): Promise<Visit> {
  const server = await serveBuilt(site, '.vitepress/dist', isolated);
  const browser = await openChromium(webgpu, flags);
  const colorScheme = dark ? 'dark' : 'light';
  const viewport = { width, height };
  const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' });
  await prepare?.(context);
  const page = await context.newPage();
  const problems: string[] = [];
  const foreign: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('requestfailed', (request) => problems.push(`not loaded: ${request.url()}`));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text());
  });
  context.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (/^https?:/.test(protocol) && origin !== server.origin) foreign.push(request.url());
  });
  await page.goto(`${server.origin}/playground/`);
  return {
    context,
    page,
    origin: server.origin,
    problems,
    foreign,
    async close() {
      await context.close();
      await server.close();
    },
  };
}

export async function launchChromium(webgpu: boolean, flags: readonly string[] = []): Promise<Browser> {
  const { executablePath, args } = inject('chromium');
  if (!executablePath) throw new Error('no Chromium: npm test installs it on Debian; else set CHROME_PATH');
  const chosen = webgpu ? args : ['--no-sandbox', '--disable-features=WebGPU,Vulkan'];
  return chromium.launch({ executablePath, args: [...chosen, ...flags] });
}

/**
 * Serves what was built in `folder` below `root`.
 * @param isolated whether with the headers of cross-origin isolation: pages of hosts that send none have no threads
 */
export async function serveBuilt(
  root: string,
  folder: string,
  isolated: boolean,
): Promise<{ readonly origin: string; close(): Promise<void> }> {
  const headers = isolated
    ? { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }
    : {};
  const server = await preview({
    configFile: false,
    root,
    appType: 'mpa',
    build: { outDir: folder },
    preview: { host: '127.0.0.1', port: 0, headers },
    logLevel: 'error',
  });
  const address = server.httpServer.address() as { port: number };
  return { origin: `http://127.0.0.1:${address.port}`, close: () => server.close() };
}
