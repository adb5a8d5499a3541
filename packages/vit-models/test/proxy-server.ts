/** A real HTTP proxy on localhost: forwards plain HTTP, and tunnels the rest (CONNECT). */

import { createServer, request as forward } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { pipeline } from 'node:stream';

export interface ProxyServer {
  readonly address: string;
  /** What was asked of it: `GET http://…` or `CONNECT host:port`. */
  readonly requests: string[];
  /** `proxy-authorization` of the last request. */
  authorization: string | undefined;
  close(): Promise<void>;
}

/** @param to port on this machine that every name leads to: the proxy resolves the names, not the client */
export async function startProxyServer(to: number): Promise<ProxyServer> {
  const server = createServer((request, response) => {
    state.requests.push(`${request.method} ${request.url}`);
    state.authorization = request.headers['proxy-authorization'];
    const { pathname, search } = new URL(request.url!);
    const { method, headers } = request;
    const onward = forward(
      { host: '127.0.0.1', port: to, path: pathname + search, method, headers },
      (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        pipeline(answer, response, () => response.destroy()); // also when the server breaks off
      },
    );
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  server.on('connect', (request, client) => {
    state.requests.push(`CONNECT ${request.url}`);
    state.authorization = request.headers['proxy-authorization'];
    const target = connect(to, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      target.pipe(client).pipe(target);
    });
    for (const socket of [target, client]) {
      socket.on('error', () => {
        target.destroy();
        client.destroy();
      });
    }
  });
  const sockets = new Set<Socket>(); // the server forgets those of tunnels
  server.on('connection', (socket) => sockets.add(socket));
  const state: ProxyServer = {
    address: '',
    requests: [],
    authorization: undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(state, { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}
