/** What the hub says of a file without sending it: its commit, its ETag, whether it is there at all. */

import { PatchslimError } from '@patchslim/tensor';
import {
  checkStatus,
  isFailure,
  shown,
  withRetries,
  type Attempt,
  type Outcome,
  type DownloadOptions,
} from './attempts.js';
import { isMissingFile } from './hub-refusal.js';

/** Whether the repository has a file, and as what. */
export interface HubFile {
  readonly exists: boolean;
  /** Of the repository, 40 hexadecimal digits; undefined from a server that is not the hub's kind. */
  readonly commit: string | undefined;
  /** Without quotes: SHA-256 of a large file, Git's hash of a small one. */
  readonly etag: string | undefined;
  /** In bytes. */
  readonly size: number | undefined;
  /** The address after redirects within the hub: of a repository that was renamed, the new one. */
  readonly url: URL;
}

const mostHops = 5;
export const isCommit = (revision: string): boolean => /^[0-9a-f]{40}$/.test(revision);

/**
 * Asks by HEAD. Redirects are followed by hand: the answer before the one to a storage host tells commit and ETag, and only the
 * hub itself receives the token.
 *
 * @throws as `download`
 */
export async function askHub(url: URL, options: DownloadOptions): Promise<HubFile> {
  return withRetries(url, options, ({ send }) => followHub(url, send, options));
}

async function followHub(
  url: URL,
  send: Attempt['send'],
  options: DownloadOptions,
): Promise<Outcome<HubFile>> {
  const told: Partial<Record<'commit' | 'linked' | 'etag' | 'size', string | undefined>> = {};
  let [at, named] = [url, url];
  for (let hop = 0; hop <= mostHops; hop++) {
    const authorization =
      options.token !== undefined && at.origin === url.origin
        ? { authorization: `Bearer ${options.token}` }
        : {};
    const headers = { 'accept-encoding': 'identity', ...authorization };
    const answer = await send(at, { method: 'HEAD', redirect: 'manual', headers });
    if (isFailure(answer)) return answer;
    const header = (name: string) => answer.headers.get(name) ?? undefined;
    const next = isRedirect(answer.status) ? redirectOf(answer, at) : undefined;
    told.commit ??= header('x-repo-commit');
    told.linked ??= header('x-linked-etag');
    told.etag = header('etag') ?? told.etag;
    told.size ??= header('x-linked-size') ?? (next ? undefined : header('content-length'));
    const { commit } = told;
    const etag = told.linked ?? told.etag;
    const file = {
      commit: commit !== undefined && isCommit(commit) ? commit : undefined,
      etag: etag?.replace(/^W\//, '').replaceAll('"', ''),
      size: told.size === undefined ? undefined : Number(told.size),
      url: named,
    };
    if (isMissingFile(answer)) return { kind: 'done', value: { ...file, exists: false } };
    if (next === undefined) {
      const refused = checkStatus(url, answer, options);
      return refused ?? { kind: 'done', value: { ...file, exists: true } };
    }
    const leaves = next.origin !== at.origin;
    if (leaves && commit !== undefined && etag !== undefined)
      return { kind: 'done', value: { ...file, exists: true } };
    at = next;
    if (!leaves && /\/resolve\//.test(next.pathname) && !next.pathname.startsWith('/api/')) named = next;
  }
  const message = `download: ${shown(url)}: more than ${mostHops} redirects; is HF_ENDPOINT the address of a hub?`;
  throw new PatchslimError('DOWNLOAD_FAILED', message, { url: shown(url), status: 310 });
}

const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);

function redirectOf(answer: Response, from: URL): URL | undefined {
  const location = answer.headers.get('location');
  return location !== null && URL.canParse(location, from.href) ? new URL(location, from) : undefined;
}
