/**
 * Files that a client names by URL, fetched from where the operator allows it (FILE_SOURCES) and from nowhere else.
 * No redirect is followed, nothing of ours is sent along, bytes and time are limited. The operator names the hosts: to which address their names lead is his and his DNS's to answer for.
 * OWASP Server-Side Request Forgery Prevention; RFC 9110
 * @module
 */
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Problem } from '../fhir/model/outcome.ts';
import type { FetchFile, Sources } from '../operations/data-files.ts';
import { ndjson } from '../release/ndjson.ts';

export interface SourceLimits {
  /** Addresses, http or https, without a slash at the end: files below them may be fetched. */
  readonly fileSources: readonly string[];
  /** Milliseconds for one file; all of one call have four times as long. */
  readonly fileTimeoutMs: number;
  /** Bytes of all files of one call together, inflated. */
  readonly maxBodyBytes: number;
}

/** All files of a call may take so many times what one may. */
const timesOne = 4;

/** Segments that begin with a dot (`..;`), and encoded ones of what a server may take for a slash, a dot, a percent sign or an end. */
const ambiguous = /\/\.|%(?:[01]|2[5ef]|5c|7f)/i;

/** Whether a file of this URL stands below one of these addresses, whoever reads it. */
function isBelow(sources: readonly URL[], text: string): boolean {
  const url = URL.parse(text);
  // A text that parsing changes is read by others in another way: `..`, `%2e%2e`, a backslash, a user, a default port.
  if (url === null || url.href !== text || url.username + url.password + url.hash !== '' || ambiguous.test(url.pathname)) return false;
  return sources.some(({ origin, pathname }) => url.origin === origin && url.pathname.startsWith(pathname));
}

export function createSources({ fileSources, fileTimeoutMs, maxBodyBytes }: SourceLimits): Sources {
  const sources = fileSources.map(address => new URL(`${address}/`));
  return {
    some: sources.length > 0,
    allow: url => isBelow(sources, url),
    begin() {
      const all = AbortSignal.timeout(timesOne * fileTimeoutMs);
      let left = maxBodyBytes;
      const fetch: FetchFile = async function* (url, expression) {
        // Whatever the caller asked before.
        if (!isBelow(sources, url)) throw new Problem('invalid-parameter', undefined, { expression });
        const failed = (why: string) => new Problem('unprocessable', `The file cannot be fetched: ${why}.`, { expression });
        const signal = AbortSignal.any([all, AbortSignal.timeout(fileTimeoutMs)]);
        try {
          const answer = await ask(url, signal);
          const { statusCode = 0 } = answer;
          if (statusCode !== 200) {
            answer.destroy();
            throw failed(`its server answered with status ${statusCode}`);
          }
          const body = inflated(answer);
          if (body === undefined) {
            answer.destroy();
            throw failed('it is encoded otherwise than by gzip');
          }
          for await (const bytes of body as AsyncIterable<Buffer>) {
            left -= bytes.length;
            if (left < 0) throw new Problem('too-costly', `The files hold more than ${maxBodyBytes} bytes.`, { expression });
            yield bytes;
          }
        } catch (thrown) {
          if (thrown instanceof Problem) throw thrown;
          // What the network says may name hosts and addresses of it.
          throw failed(signal.aborted ? 'it takes too long' : 'its server cannot be reached, or broke off');
        }
      };
      return fetch;
    },
  };
}

function ask(url: string, signal: AbortSignal): Promise<IncomingMessage> {
  const get = url.startsWith('https:') ? https.get : http.get;
  return new Promise((take, fail) => {
    // A connection of its own, which ends with the file.
    // An answer that is none (101) ends in neither of the other two.
    get(url, { agent: false, signal, headers: { accept: ndjson, 'accept-encoding': 'gzip' } }, take)
      .once('error', fail)
      .once('close', () => fail(new Error('there was no answer')));
  });
}

/** What ends too early throws when it is read. Undefined: an encoding that was not asked for. */
function inflated(answer: IncomingMessage): Readable | undefined {
  const encoding = answer.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity') return answer;
  return encoding === 'gzip' || encoding === 'x-gzip' ? pipeline(answer, createGunzip(), () => {}) : undefined;
}
