/** The proxy of the environment, which Node's own `fetch` uses only from version 24 on, and when it is told to. */

import type * as Undici from 'undici';
import { PatchslimError } from '@patchslim/tensor';
import { isNode } from '@patchslim/tensor/files';
import { environment } from './environment.js';

/** A proxy, and the variable that names it. */
interface Proxy {
  readonly name: string;
  readonly address: string;
}

/**
 * `fetch` as the environment wants it: through the proxy of `HTTP_PROXY` or `HTTPS_PROXY` (by the scheme of the address; `HTTP_PROXY`
 * serves both where it is alone), else of `ALL_PROXY`, except to the hosts in `NO_PROXY`. Lower-case names take precedence. Without
 * any of them it is the runtime's own `fetch`.
 *
 * @throws `INVALID_ARGUMENT` for a proxy that is no address; `DOWNLOAD_FAILED` when the package `undici` is missing
 */
export async function networkFetch(): Promise<typeof globalThis.fetch> {
  const [http, https] = [proxyFor('http'), proxyFor('https')];
  if (!http && !https) return globalThis.fetch;
  for (const proxy of [http, https]) if (proxy) requireAddress(proxy);
  const undici = await loadUndici((https ?? http)!);
  const dispatcher = new undici.EnvHttpProxyAgent({
    ...(http && { httpProxy: http.address }),
    ...(https && { httpsProxy: https.address }),
    noProxy: variable('no_proxy')?.address ?? '',
    proxyTunnel: false, // for http: the proxy is asked for the whole address; https always goes through CONNECT
  });
  // Node's fetch may refuse the dispatcher of another version of undici, so its own comes with it.
  return ((input: string | URL, init: RequestInit) =>
    undici.fetch(input, { ...init, dispatcher } as never)) as unknown as typeof globalThis.fetch;
}

/** For an error of the network: the proxy in between, without its password. Empty where there is none. */
export function proxyHint(): string {
  const proxy = isNode() ? (proxyFor('https') ?? proxyFor('http')) : undefined;
  return proxy === undefined
    ? ''
    : `; is the proxy that ${proxy.name} names right, or should NO_PROXY name the host?`;
}

const proxyFor = (scheme: 'http' | 'https'): Proxy | undefined =>
  variable(`${scheme}_proxy`) ?? variable('all_proxy');

function variable(name: string): Proxy | undefined {
  for (const spelling of [name, name.toUpperCase()]) {
    const address = environment(spelling);
    if (address !== undefined) return { name: spelling, address };
  }
  return undefined;
}

/** Messages leave the address out, as it may hold a password. */
function requireAddress({ name, address }: Proxy): void {
  if (URL.canParse(address) && /^(https?|socks5?):$/.test(new URL(address).protocol)) return;
  const message = `download: ${name}: expected the address of a proxy, such as http://host:3128 or socks5://host:1080`;
  throw new PatchslimError('INVALID_ARGUMENT', message, { variable: name });
}

/** By a name that bundlers do not follow: no page needs it. */
async function loadUndici({ name }: Proxy): Promise<typeof Undici> {
  const specifier = 'undici';
  try {
    return (await import(/* webpackIgnore: true */ /* @vite-ignore */ specifier)) as typeof Undici;
  } catch (error) {
    const message = `download: ${name} is set, but the package undici, which speaks to the proxy, cannot be loaded: npm install undici`;
    throw new PatchslimError('DOWNLOAD_FAILED', message, { variable: name }, error);
  }
}
