// Opens a page in Firefox without a window, in a profile of its own.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { softwareGpu, terminate } from './platform.mjs';

/** What a fresh profile must know: Firefox asks nothing, fetches nothing, and takes a software GPU for WebGPU. */
const preferences = {
  'app.update.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'datareporting.policy.dataSubmissionEnabled': false,
  'dom.webgpu.enabled': true,
  'gfx.webgpu.ignore-blocklist': true,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,#none',
  'toolkit.telemetry.reportingpolicy.firstRun': false,
};

/** @returns a function that ends the browser and removes its profile */
export async function openFirefox(executable, url) {
  const profile = await mkdtemp(join(tmpdir(), 'patchslim-firefox-'));
  const lines = Object.entries(preferences).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
  );
  await writeFile(join(profile, 'user.js'), lines.join('\n'));
  const firefox = spawn(executable, ['--headless', '--no-remote', '--profile', profile, url], {
    stdio: 'ignore',
    env: { ...process.env, ...softwareGpu, MOZ_CRASHREPORTER_DISABLE: '1' },
  });
  const ended = new Promise((done) => firefox.once('close', done));
  await new Promise((done, fail) => firefox.once('spawn', done).once('error', fail));
  return async () => {
    terminate(firefox);
    await ended;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
}
