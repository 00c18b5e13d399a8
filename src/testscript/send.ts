/**
 * The only place that speaks to the network. Requests go to the origins that the caller named and nowhere else; redirects are answers, not
 * ways; an answer has a longest time and a largest size; the token goes to the base alone and is remembered nowhere.
 * R4: https://hl7.org/fhir/R4/http.html
 * @module
 */
import { Fault, said } from './fault.ts';

/** A server under test. */
export interface System {
  readonly base: URL;
  /** Access token; absent: none is sent. */
  readonly token?: () => Promise<string>;
}

export interface SendLimits {
  /** For one request with its answer. */
  readonly timeoutMs: number;
  readonly maxBodyBytes: number;
}

export interface Sending {
  readonly method: string;
  /** Complete. */
  readonly url: string;
  readonly headers: Headers;
  readonly body?: Buffer | undefined;
}

export interface Came {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
}

/** Headers of the connection and of the way there: a script that set them could speak to another host behind the same address. */
const connection =
  /^(?:host|connection|content-length|transfer-encoding|upgrade|te|trailer|expect|keep-alive|forwarded|x-forwarded-.*|x-original-.*|x-rewrite-.*|proxy-.*|cookie)$/i;

/** @throws Fault for a header that no script may set */
export function checkHeader(field: string, value: string): void {
  if (connection.test(field)) throw new Fault(`The header ${field} cannot be set by a script.`);
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(field) || /[\r\n\0]/.test(value))
    throw new Fault('A request header has no valid name or value.');
}

/**
 * A URL of the script → a complete one at that system.
 * @throws Fault when it leads to another origin
 */
export function targetOf(url: string, { base }: System): URL {
  const root = base.href.replace(/(?<!\/)\/+$/, '');
  const complete = /^[A-Za-z][A-Za-z0-9+.-]*:/.test(url)
    ? url
    : url === ''
      ? root
      : /^[?]/.test(url)
        ? root + url
        : `${root}/${url.replace(/^\/+/, '')}`;
  const target = URL.parse(complete);
  if (target === null) throw new Fault('The script’s URL is none.');
  if (target.origin !== base.origin || target.username !== '' || target.password !== '')
    throw new Fault('The script’s URL leads to another host than the server under test.');
  return target;
}

/** A server that sends the token back does not get it into what a script sees. */
function without(token: string, { status, headers, bytes }: Came): Came {
  const kept = new Headers();
  for (const [field, value] of headers) kept.append(field, value.replaceAll(token, '(token)'));
  const text = bytes.includes(token) ? Buffer.from(bytes.toString('latin1').replaceAll(token, '(token)'), 'latin1') : bytes;
  return { status, headers: kept, bytes: text };
}

/** @throws Fault when there is no answer within the limits */
export async function send({ method, url, headers, body }: Sending, system: System, limits: SendLimits): Promise<Came> {
  if (URL.parse(url)?.origin !== system.base.origin) throw new Fault('The script’s URL leads to another host than the server under test.');
  const all = new Headers(headers);
  const token = system.token === undefined || all.has('authorization') ? undefined : await system.token();
  if (token !== undefined) all.set('authorization', `Bearer ${token}`);
  const end = new AbortController();
  const timer = setTimeout(() => end.abort(), limits.timeoutMs);
  try {
    const response = await fetch(url, {
      method,
      headers: all,
      redirect: 'manual',
      signal: end.signal,
      ...(body === undefined ? {} : { body: new Uint8Array(body) }),
    });
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const piece of response.body ?? []) {
      size += piece.length;
      if (size > limits.maxBodyBytes) {
        end.abort();
        throw new Fault(`The answer is larger than ${limits.maxBodyBytes} bytes.`);
      }
      pieces.push(piece);
    }
    const came = { status: response.status, headers: response.headers, bytes: Buffer.concat(pieces) };
    return token === undefined ? came : without(token, came);
  } catch (error) {
    if (error instanceof Fault) throw error;
    if (end.signal.aborted) throw new Fault(`No whole answer within ${limits.timeoutMs / 1000} seconds.`);
    const cause = (error as Error).cause;
    throw new Fault(`No answer: ${said(cause instanceof Error ? cause : error)}`);
  } finally {
    clearTimeout(timer);
  }
}
