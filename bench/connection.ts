/**
 * The benchmarks' HTTP client: kept connections, one request at a time on each, as little work as can be, because client and server share the machine
 * (`http.request` takes more of it than the answers that are measured). Speaks to servers that send Content-Length, as ours do.
 * @module
 */
import net from 'node:net';

export interface Got {
  readonly status: number;
  readonly body: Buffer;
}

export interface Connection {
  /** False once either side has closed it. */
  isOpen(): boolean;
  /** Sends the bytes of one request, resolves with its answer. */
  send(request: string | Buffer): Promise<Got>;
  close(): void;
}

const headEnd = Buffer.from('\r\n\r\n');

export function connect(port: number, host: string): Connection {
  const socket = net.connect({ port, host, noDelay: true });
  let waiting: { resolve: (got: Got) => void; reject: (reason: unknown) => void } | undefined;
  let held: Buffer = Buffer.alloc(0);
  /** Place after the answer's last byte; -1: its head is not here yet. */
  let end = -1;
  let bodyAt = 0;
  let status = 0;
  const fail = (error?: Error) => {
    waiting?.reject(error ?? new Error('the connection ended'));
    waiting = undefined;
  };
  socket.on('data', (part: Buffer) => {
    held = held.length === 0 ? part : Buffer.concat([held, part]);
    if (end < 0) {
      const at = held.indexOf(headEnd);
      if (at < 0) return;
      const head = held.toString('latin1', 0, at);
      status = Number(head.slice(9, 12));
      bodyAt = at + 4;
      end = bodyAt + Number(/\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    }
    if (held.length < end) return;
    const got = { status, body: held.subarray(bodyAt, end) };
    held = held.subarray(end);
    end = -1;
    const { resolve } = waiting!;
    waiting = undefined;
    resolve(got);
  });
  socket.on('error', fail);
  socket.on('close', () => fail());
  return {
    isOpen: () => !socket.destroyed && !socket.readableEnded,
    send: request =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) return reject(new Error('the connection ended'));
        waiting = { resolve, reject };
        socket.write(request);
      }),
    close: () => socket.destroy(),
  };
}

const idle = new Map<string, Connection[]>();

/** One request over a kept connection. */
export async function call(method: string, url: string, headers: Record<string, string>, body?: Buffer | string): Promise<Got> {
  const { host, hostname, port, pathname, search } = new URL(url);
  const lines = [`${method} ${pathname}${search} HTTP/1.1`, `host: ${host}`];
  for (const [name, value] of Object.entries({ accept: 'application/fhir+json', ...headers })) lines.push(`${name}: ${value}`);
  if (body !== undefined) lines.push(`content-length: ${Buffer.byteLength(body)}`);
  const head = lines.join('\r\n') + '\r\n\r\n';
  let free = idle.get(host);
  if (free === undefined) idle.set(host, (free = []));
  let kept = free.pop();
  while (kept !== undefined && !kept.isOpen()) kept = free.pop();
  const connection = kept ?? connect(Number(port), hostname);
  const request = body === undefined ? head : Buffer.concat([Buffer.from(head), Buffer.from(body)]);
  let got: Got;
  try {
    got = await connection.send(request);
  } catch (error) {
    // A server closes a connection that was idle for long: that is no answer yet.
    if (kept === undefined || method !== 'GET') throw error;
    return call(method, url, headers, body);
  }
  free.push(connection);
  return got;
}

export function closeConnections(): void {
  for (const free of idle.values()) for (const connection of free) connection.close();
  idle.clear();
}
