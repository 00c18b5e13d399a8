/**
 * A small form as a browser posts it. Read whole or refused; names that come twice are refused where one is asked for.
 * https://url.spec.whatwg.org/#application/x-www-form-urlencoded
 * @module
 */
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

const mostBytes = 32_768;

/** Undefined: no form, or one that is too long. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '')) return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > mostBytes) return undefined;
    chunks.push(chunk as Buffer);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

/** The same request with another method, path or form: what the library reads of one. */
export function insteadOf(request: IncomingMessage, method: string, url: string, form?: URLSearchParams): IncomingMessage {
  const body = form?.toString();
  const { headers, socket, httpVersion, httpVersionMajor, httpVersionMinor } = request;
  const { 'content-length': _length, 'content-type': _type, 'transfer-encoding': _coding, ...others } = headers;
  return Object.assign(Readable.from(body === undefined ? [] : [Buffer.from(body)]), {
    method,
    url,
    headers: {
      ...others,
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(Buffer.byteLength(body)) }),
    },
    socket,
    httpVersion,
    httpVersionMajor,
    httpVersionMinor,
    baseUrl: (request as { baseUrl?: string }).baseUrl,
  }) as unknown as IncomingMessage;
}
