/** What to do where a network is reached through a proxy. */

import { isNode } from '@patchslim/tensor/files';

/** Whether Node, as it was started, sends `fetch` through the proxy of the environment. */
const usesProxies = (): boolean =>
  Boolean(process.env['NODE_USE_ENV_PROXY']) && Number(process.versions.node.split('.')[0]) >= 24;

/** For an error of the network: a proxy is set, and Node does not use it. Empty where there is none. */
export function proxyHint(): string {
  if (!isNode() || usesProxies()) return '';
  const names = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'];
  const name = names.find((each) => process.env[each]);
  return name === undefined
    ? ''
    : `; ${name} is set, but Node uses a proxy only from version 24 on with NODE_USE_ENV_PROXY=1: set that, or download the files by other means`;
}
