/** The ways in which people name a repository of the Hugging Face hub. */

/** A repository, and the branch, tag or commit where one is named. */
export interface HubSource {
  readonly id: string;
  readonly revision?: string;
}

const repository = /^[\w-][\w.-]*\/[\w-][\w.-]*$/;
const hubHosts = ['huggingface.co', 'www.huggingface.co', 'hf.co'];

/**
 * Reads `me/vit`, `me/vit@v2`, timm's `hf-hub:me/vit@v2`, `hf://me/vit`, and the address of a page of the hub: of the repository, of
 * a branch (`…/tree/v2`), or of its `model.safetensors` (`…/blob/v2/…`, `…/resolve/v2/…`), whose settings lie beside it.
 *
 * @param endpoint address of the hub
 * @returns undefined for what names no repository
 */
export function parseHubSource(text: string, endpoint: string): HubSource | undefined {
  if (/^https?:/i.test(text)) return parsePage(text, endpoint);
  const bare = text.replace(/^(hf[-_]hub:|hf:\/\/)/i, '');
  const [id, revision, ...more] = bare.split('@') as [string, ...string[]];
  if (!repository.test(id) || more.length > 0 || revision === '') return undefined;
  if (/\.(safetensors|pth|pt|bin|npz)$/.test(id) && bare === text) return undefined; // a file that is missing
  return { id, ...(revision !== undefined && { revision }) };
}

function parsePage(address: string, endpoint: string): HubSource | undefined {
  if (!URL.canParse(address)) return undefined;
  const { origin, hostname, pathname, search, username, password } = new URL(address);
  if (search !== '' || username !== '' || password !== '') return undefined;
  const isHub = URL.canParse(endpoint) && new URL(endpoint).origin === origin;
  if (!isHub && !hubHosts.includes(hostname)) return undefined;
  const [owner, name, kind, revision, ...file] = pathname.split('/').filter((part) => part !== '');
  const id = `${owner}/${name}`;
  if (!repository.test(id) || ['datasets', 'spaces', 'api'].includes(owner!)) return undefined;
  if (kind === undefined) return { id };
  if (revision === undefined || !/^(tree|blob|resolve|raw)$/.test(kind)) return undefined;
  const whole = kind === 'tree' ? file.length === 0 : file.join('/') === 'model.safetensors';
  return whole ? { id, revision: decodeURIComponent(revision) } : undefined;
}
