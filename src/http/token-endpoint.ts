/**
 * The authorization server's own handler, mounted: it answers by itself, so its answer is held back until the audit has its record.
 * IHE BALP: https://profiles.ihe.net/ITI/BALP/ (ITI-71 token issue)
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Who is acting, as far as the handler learns it. */
interface Told {
  readonly client?: string;
  /** `Patient/<id>`, `Practitioner/<id>` … */
  readonly user?: string;
  readonly patient?: string;
}

export type Handler = (request: IncomingMessage, response: ServerResponse, tell: (told: Told) => void) => void;

interface Issued extends Told {
  readonly status: number;
  readonly token?: string;
}

/**
 * Calls the handler; when it ends its answer, `before` is asked first. If that fails, the client gets 503 and no token.
 * The handlers of this kind write small answers in one piece.
 */
export function holdAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  handler: Handler,
  before: (issued: Issued) => Promise<void>,
): void {
  const writeHead = response.writeHead.bind(response);
  const end = response.end.bind(response);
  const chunks: Buffer[] = [];
  let head: Parameters<typeof writeHead> | undefined;
  const keep = (chunk: unknown): void => {
    if (typeof chunk === 'string') chunks.push(Buffer.from(chunk));
    else if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
  };
  let ended = false;
  let told: Told = {};
  response.writeHead = ((...args: Parameters<typeof writeHead>) => {
    head = args;
    response.statusCode = args[0];
    return response;
  }) as typeof response.writeHead;
  response.write = ((chunk: unknown) => {
    keep(chunk);
    return true;
  }) as typeof response.write;
  response.end = ((chunk?: unknown) => {
    if (ended) return response;
    ended = true;
    keep(chunk);
    const body = Buffer.concat(chunks);
    response.writeHead = writeHead;
    before({ ...told, ...issuedOf(response.statusCode, body) }).then(
      () => {
        if (head !== undefined) writeHead(...head);
        end(body);
      },
      () => {
        for (const name of response.getHeaderNames()) response.removeHeader(name);
        writeHead(503, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', 'retry-after': '1' });
        end('{"error":"temporarily_unavailable"}');
      },
    );
    return response;
  }) as typeof response.end;
  handler(request, response, more => {
    told = { ...told, ...more };
  });
}

/** Whom a token was given to, and its jti: read off our own answer. */
function issuedOf(status: number, body: Buffer): Issued {
  if (status !== 200) return { status };
  try {
    const { access_token } = JSON.parse(body.toString('utf8')) as { access_token?: string };
    const claims = JSON.parse(Buffer.from(access_token?.split('.')[1] ?? '', 'base64url').toString('utf8')) as {
      client_id?: string;
      jti?: string;
      patient?: string;
    };
    return {
      status,
      ...(claims.client_id === undefined ? {} : { client: claims.client_id }),
      ...(claims.jti === undefined ? {} : { token: claims.jti }),
      ...(claims.patient === undefined ? {} : { patient: claims.patient }),
    };
  } catch {
    return { status };
  }
}
