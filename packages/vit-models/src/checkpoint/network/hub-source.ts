/** The ways in which people name a repository of the Hugging Face hub. */

/** A repository, and what is named in it. */
export interface HubSource {
  /** `owner/name`. */
  readonly id: string;
  /** Branch, tag or commit. */
  readonly revision?: string;
  /** Folder in the repository that holds the checkpoint; the whole repository by default. */
  readonly folder?: string;
  /** File of weights in it; by default the first of the usual names that is there. */
  readonly file?: string;
}

const repository = /^[\w-][\w.-]*\/[\w-][\w.-]*$/;
const weights = /\.(safetensors|pth|pt|bin|npz)$/;
const hubHosts = ['huggingface.co', 'www.huggingface.co', 'hf.co'];

/**
 * Reads `me/vit`, `me/vit@v2`, timm's `hf-hub:me/vit@v2`, `hf://me/vit`, and the address of a page of the hub: of the repository, of
 * a branch or a folder in it (`…/tree/v2/folder`), or of a file of weights (`…/blob/v2/…`, `…/resolve/v2/…`), whose settings lie
 * beside it.
 *
 * @param endpoint address of the hub
 * @returns undefined for what names no repository
 */
export function parseHubSource(text: string, endpoint: string): HubSource | undefined {
  if (/^https?:/i.test(text)) return parsePage(text, endpoint);
  const bare = text.replace(/^(hf[-_]hub:|hf:\/\/)/i, '');
  const [id, revision, ...more] = bare.split('@') as [string, ...string[]];
  if (!repository.test(id) || more.length > 0 || revision === '') return undefined;
  if (weights.test(id) && bare === text) return undefined; // a file that is missing
  return { id, ...(revision !== undefined && { revision }) };
}

function parsePage(address: string, endpoint: string): HubSource | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (url.username !== '' || url.password !== '' || !/^(\?download=true)?$/.test(url.search))
    return undefined;
  const below = pathBelow(url, endpoint);
  if (below === undefined) return undefined;
  const [owner, name, kind, ...rest] = below
    .split('/')
    .filter((part) => part !== '')
    .map(decoded);
  if (name === undefined) return undefined;
  const id = `${owner}/${name}`;
  if (!repository.test(id) || ['datasets', 'spaces', 'api', 'docs', 'models'].includes(owner!))
    return undefined;
  if (kind === undefined) return weights.test(id) ? undefined : { id };
  if (!/^(tree|blob|resolve|raw)$/.test(kind) || rest.length === 0) return undefined;
  const { revision, path } = splitRevision(rest);
  if (path.some((part) => /^\.*$|[/\\]/.test(part))) return undefined;
  const isFile = kind !== 'tree';
  const file = isFile ? path.at(-1) : undefined;
  if (isFile && file === undefined) return undefined;
  const folder = (isFile ? path.slice(0, -1) : path).join('/');
  return { id, revision, ...(folder !== '' && { folder }), ...(file !== undefined && { file }) };
}

/** The path on the hub's host, or below the path of a mirror. */
function pathBelow({ origin, hostname, pathname }: URL, endpoint: string): string | undefined {
  const hub = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const prefix = hub?.pathname.replace(/\/*$/, '/') ?? '/';
  if (hub?.origin === origin && pathname.startsWith(prefix)) return pathname.slice(prefix.length);
  return hubHosts.includes(hostname) ? pathname : undefined;
}

/** `refs/pr/1` and `refs/convert/parquet` have slashes; other revisions have them only percent-encoded. */
function splitRevision(parts: readonly string[]): { revision: string; path: readonly string[] } {
  const length = parts[0] === 'refs' && parts.length >= 3 && /^(pr|convert)$/.test(parts[1]!) ? 3 : 1;
  return { revision: parts.slice(0, length).join('/'), path: parts.slice(length) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
