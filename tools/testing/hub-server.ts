/** A real HTTP server on localhost that answers as the Hugging Face hub does, with a second one as its storage of large files. */

import { createHash } from 'node:crypto';
import { startFileServer, type FileServer, type ServedFile } from './file-server.js';

/** Content by name of the file. */
export type RepositoryFiles = Readonly<Record<string, Uint8Array | string>>;

export interface HubServer {
  readonly hub: FileServer;
  /** On another origin: sends what the hub redirects to. */
  readonly storage: FileServer;
  /** Publishes a commit of a repository, and points branches or tags at it. */
  publish(id: string, commit: string, files: RepositoryFiles, ...refs: string[]): void;
  /** Lets the old name of a repository redirect to the new one. */
  rename(from: string, to: string): void;
  close(): Promise<void>;
}

/** Pages of any origin may read the answers, as on the hub. */
const open = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'ETag, X-Repo-Commit, X-Error-Code, X-Error-Message',
};

/** From this size on a file lies in the storage, in bytes. */
const large = 1000;

export async function startHubServer(): Promise<HubServer> {
  const [hub, storage] = await Promise.all([startFileServer(), startFileServer()]);
  const commits = new Map<string, Map<string, string>>(); // by repository: revision to commit
  const renamed = new Map<string, string>();
  hub.otherwise = (path) => {
    const [owner, name, kind, revision] = path.split('/').slice(1).map(decodeURIComponent);
    const id = `${owner}/${name}`;
    const next = renamed.get(id);
    if (next !== undefined) {
      return { ...refusal(307, ''), headers: { location: path.replace(`/${id}/`, `/${next}/`) } };
    }
    if (kind !== 'resolve') return refusal(404, '');
    const revisions = commits.get(id);
    if (!revisions) return refusal(401, 'RepoNotFound');
    const commit = revisions.get(revision!);
    if (commit === undefined) return refusal(404, 'RevisionNotFound');
    return refusal(404, 'EntryNotFound', { 'x-repo-commit': commit });
  };

  return {
    hub,
    storage,
    publish(id, commit, files, ...refs) {
      const revisions = commits.get(id) ?? new Map<string, string>();
      commits.set(id, revisions);
      for (const revision of [commit, ...refs]) {
        revisions.set(revision, commit);
        const root = `/${id}/resolve/${encodeURIComponent(revision)}/`;
        for (const path of [...hub.files.keys()]) if (path.startsWith(root)) hub.files.delete(path);
        for (const [file, content] of Object.entries(files)) {
          const path = file.split('/').map(encodeURIComponent).join('/');
          hub.files.set(root + path, servedFile(storage, Buffer.from(content), commit));
        }
        const siblings = Object.keys(files).map((rfilename) => ({ rfilename }));
        const body = Buffer.from(JSON.stringify({ id, sha: commit, siblings }));
        hub.files.set(`/api/models/${id}/revision/${encodeURIComponent(revision)}`, { body, headers: open });
      }
    },
    rename: (from, to) => void renamed.set(from, to),
    close: async () => void (await Promise.all([hub.close(), storage.close()])),
  };
}

function servedFile(storage: FileServer, body: Buffer, commit: string): ServedFile {
  const headers = { ...open, 'x-repo-commit': commit };
  if (body.length < large) {
    const blob = Buffer.concat([Buffer.from(`blob ${body.length}\0`), body]);
    return { body, etag: `"${createHash('sha1').update(blob).digest('hex')}"`, headers };
  }
  const sha256 = createHash('sha256').update(body).digest('hex');
  // A page may read it, but not its ETag.
  const headersThere = { 'access-control-allow-origin': '*' };
  storage.files.set(`/${sha256}`, { body, etag: `"${sha256.slice(0, 32)}"`, headers: headersThere });
  return {
    body: new Uint8Array(),
    status: 302,
    etag: '"of-the-redirect"',
    headers: {
      ...headers,
      location: `${storage.origin}/${sha256}`,
      'x-linked-etag': `"${sha256}"`,
      'x-linked-size': String(body.length),
    },
  };
}

const refusal = (status: number, code: string, headers: Record<string, string> = {}): ServedFile => ({
  body: Buffer.from('no'),
  status,
  headers: { ...open, ...(code === '' ? {} : { 'x-error-code': code }), ...headers },
});
