/** Starts a server program and stops it again. */

import { spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';

export interface Started {
  readonly stop: () => Promise<void>;
}

/**
 * Starts a Node program and waits until a URL answers.
 *
 * @throws when the program ends before, or nothing answers within a minute; with its output
 */
export async function startNode(
  args: readonly string[],
  {
    cwd,
    env = {},
    url,
  }: { readonly cwd: string; readonly env?: Record<string, string>; readonly url: string },
): Promise<Started> {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: Buffer) => (output = (output + chunk.toString()).slice(-20_000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  let ended = false;
  const closed = once(child, 'close').then(() => (ended = true));
  const stop = async () => {
    child.kill();
    await closed;
  };
  for (const deadline = Date.now() + 60_000; ; await new Promise((done) => setTimeout(done, 200))) {
    const answers = await fetch(url).then(
      () => true,
      () => false,
    );
    if (answers) return { stop };
    if (ended || Date.now() > deadline) {
      if (!ended) await stop();
      throw new Error(`${args.join(' ')} did not answer at ${url}\n${output}`);
    }
  }
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
