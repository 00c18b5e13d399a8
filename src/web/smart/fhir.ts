/**
 * FHIR over HTTP with the session's token: read, search, create, update, operations; a token that has run out is renewed once, quietly.
 * R4: https://hl7.org/fhir/R4/http.html
 * @module
 */
import { Failure, failureOf, noAnswer } from './failure.ts';
import type { Keep, Session } from './session.ts';
import { renew } from './sign-in.ts';

/** JSON of FHIR as far as these pages look into it. */
export type Json = { readonly [element: string]: unknown };
export type Resource = Json & { readonly resourceType: string; readonly id?: string };

export interface Fhir {
  readonly session: () => Session;
  read(reference: string): Promise<Resource>;
  /** All matches, page by page, up to 500. */
  search(type: string, query: Readonly<Record<string, string>>): Promise<readonly Resource[]>;
  create(resource: Resource): Promise<Resource>;
  update(resource: Resource): Promise<Resource>;
  /** `POST [base]/$code` */
  operation(code: string, parameters: readonly Json[]): Promise<Resource>;
}

const mediaType = 'application/fhir+json';
const most = 500;

export function createFhir(begun: Session, keep: Keep): Fhir {
  let session = begun;
  let renewing: Promise<Session | undefined> | undefined;

  /** One renewal, whoever asks. */
  const renewed = async (): Promise<boolean> => {
    renewing ??= renew(session, keep).finally(() => {
      renewing = undefined;
    });
    const next = await renewing;
    if (next !== undefined) session = next;
    return next !== undefined;
  };

  async function ask(
    method: string,
    url: string,
    body?: Resource,
    headers: Readonly<Record<string, string>> = {},
    again = true,
  ): Promise<Resource> {
    let response: Response;
    let told: unknown;
    try {
      response = await fetch(url, {
        method,
        cache: 'no-store',
        headers: {
          accept: mediaType,
          authorization: `Bearer ${session.accessToken}`,
          ...(body === undefined ? {} : { 'content-type': mediaType }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      told = await response.json().catch(() => undefined);
    } catch {
      throw noAnswer(navigator.onLine);
    }
    if (response.status === 401 && again && (await renewed())) return ask(method, url, body, headers, false);
    if (!response.ok) throw failureOf(response.status, told);
    if (told !== undefined || body === undefined) return told as Resource;
    // Stored, and the server keeps it to itself (Prefer is a wish): it is read where the server says it is.
    const stored = response.headers.get('location')?.match(/(?<![A-Za-z])([A-Za-z]+\/[A-Za-z0-9.-]+)(?:\/_history\/[^/]+)?$/)?.[1];
    return stored === undefined ? body : ask('GET', at(stored));
  }

  const at = (path: string) => `${session.iss}/${path}`;

  return {
    session: () => session,
    read: reference => ask('GET', at(reference)),
    async search(type, query) {
      const found: Resource[] = [];
      let next: string | undefined = at(`${type}?${new URLSearchParams(query)}`);
      while (next !== undefined && found.length < most) {
        const bundle: Resource = await ask('GET', next);
        for (const entry of listIn(bundle['entry'])) {
          const resource = entry['resource'] as Resource | undefined;
          if (resource?.resourceType === type) found.push(resource);
        }
        const link = listIn(bundle['link']).find(one => one['relation'] === 'next')?.['url'];
        // A page link leads to the same server: the token goes nowhere else.
        next =
          typeof link === 'string' && new URL(link, session.iss).origin === new URL(session.iss).origin
            ? new URL(link, session.iss).href
            : undefined;
      }
      return found;
    },
    create: resource => ask('POST', at(resource.resourceType), resource, { prefer: 'return=representation' }),
    update: resource => {
      const version = (resource['meta'] as Json | undefined)?.['versionId'];
      return ask('PUT', at(`${resource.resourceType}/${resource.id}`), resource, {
        prefer: 'return=representation',
        ...(typeof version === 'string' ? { 'if-match': `W/"${version}"` } : {}),
      });
    },
    operation: (code, parameters) =>
      ask('POST', at(`$${code}`), { resourceType: 'Parameters', ...(parameters.length === 0 ? {} : { parameter: parameters }) }),
  };
}

/** Lists of FHIR, where the element may be absent. */
export const listIn = (value: unknown): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : []);

/** What is not offered is undefined; every other failure stays one. */
export async function ifOffered<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Failure && error.kind === 'absent') return undefined;
    throw error;
  }
}
