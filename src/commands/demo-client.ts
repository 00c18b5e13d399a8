/**
 * How the demo speaks to the server: over HTTP with a client's own token, like anybody else.
 * @module
 */
import { bearer } from './bearer.ts';

export interface Said<T> {
  readonly status: number;
  readonly body: T;
  readonly ms: number;
}

export type Ask = <T = Record<string, unknown>>(client: string, method: string, path: string, body?: object) => Promise<Said<T>>;

/** @param data directory with the clients' keys */
export function talk(url: string, data: string): Ask {
  const tokens = new Map<string, () => Promise<string>>();
  return async (client, method, path, body) => {
    if (!tokens.has(client)) tokens.set(client, bearer({ client, data, url }));
    const authorization = `Bearer ${await tokens.get(client)!()}`;
    const start = performance.now();
    const response = await fetch(path === '' ? url : `${url}/${path}`, {
      method,
      headers: {
        authorization,
        accept: 'application/fhir+json',
        ...(body === undefined ? {} : { 'content-type': 'application/fhir+json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as never, ms: performance.now() - start };
  };
}
