/** Refusals of the hub, and what to do about each: it says in headers of its own why it refuses. */

import { PatchslimError } from '@patchslim/tensor';

/** A repository at a revision, and where it lives. */
export interface HubPlace {
  readonly endpoint: string;
  /** `owner/name`. */
  readonly id: string;
  readonly revision: string;
}

/** Whether an answer means that the repository has no such file, rather than that there is no such repository. */
export const isMissingFile = ({ status, headers }: Response): boolean =>
  (status === 404 || status === 410) && !/^(Repo|Revision)NotFound$/.test(headers.get('x-error-code') ?? '');

/** The error for an answer of the hub; undefined for one that says nothing of its own. */
export function hubRefusal(
  place: HubPlace,
  answer: Response,
  token: string | undefined,
): PatchslimError | undefined {
  const { endpoint, id, revision } = place;
  const { status, headers } = answer;
  const page = `${endpoint}/${id}`;
  const code = headers.get('x-error-code') ?? '';
  const message = headers.get('x-error-message') ?? '';
  const refused = (kind: 'NOT_FOUND' | 'DOWNLOAD_FAILED', problem: string) =>
    new PatchslimError(kind, `fromPretrained: ${problem} (HTTP ${status})`, {
      id,
      revision,
      url: page,
      status,
      reason: code || message,
    });

  if (/resource is disabled/i.test(message)) {
    return refused(
      'DOWNLOAD_FAILED',
      `the hub has disabled '${id}': its page ${page} may say why; take another repository`,
    );
  }
  if (code === 'GatedRepo') {
    const then =
      token === undefined
        ? 'then set HF_TOKEN to a token of your account, or run hf auth login'
        : 'with the account of the token that was sent (HF_TOKEN, or hf auth login); the owner may have to approve it';
    return refused('DOWNLOAD_FAILED', `'${id}' is gated: accept its terms on ${page}, ${then}`);
  }
  if (code === 'RevisionNotFound') {
    return refused(
      'NOT_FOUND',
      `'${id}' has no revision '${revision}': give a branch, a tag or a commit that ${page}/commits/main shows`,
    );
  }
  const isInvalidToken = status === 401 && /invalid credentials/i.test(message);
  if (isInvalidToken && token !== undefined) {
    return refused(
      'DOWNLOAD_FAILED',
      `${endpoint} does not accept the token: renew it (HF_TOKEN, or hf auth login)`,
    );
  }
  // The hub hides private repositories: to who is not logged in, an absent one looks the same.
  if (code === 'RepoNotFound' || (status === 401 && code === '')) {
    const ask =
      token === undefined
        ? 'if it is private, set HF_TOKEN to a token of an account that may read it, or run hf auth login'
        : 'if it is private, the account of the token (HF_TOKEN, or hf auth login) may not read it';
    return refused('NOT_FOUND', `${endpoint} has no repository '${id}', or hides it: check the name; ${ask}`);
  }
  if (status === 403) {
    return refused(
      'DOWNLOAD_FAILED',
      `the hub forbids '${id}'${message ? `: ${message}` : ''}; check what the token (HF_TOKEN, or hf auth login) may read`,
    );
  }
  return undefined;
}
