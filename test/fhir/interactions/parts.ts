/**
 * The interactions on a real SQLite store in a folder of its own, with a clock and ids that are known.
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Bundle, OperationOutcome } from '@medplum/fhirtypes';
import { createInteractions } from '../../../src/fhir/interactions/index.ts';
import type { Parts, Settings } from '../../../src/fhir/interactions/interaction.ts';
import type { Access } from '../../../src/fhir/model/access.ts';
import type { Answer, Request } from '../../../src/fhir/model/exchange.ts';
import { answerOf } from '../../../src/fhir/model/outcome.ts';
import type { AnyResource, Json } from '../../../src/fhir/model/r4.ts';
import { createSealer } from '../../../src/fhir/model/seal.ts';
import { validate } from '../../../src/fhir/profile/validate.ts';
import type { Concepts } from '../../../src/fhir/search/concepts.ts';
import { customParameters } from '../../../src/fhir/search/custom.ts';
import { parseSearch } from '../../../src/fhir/search/parse.ts';
import type { Gate } from '../../../src/fhir/store/gate.ts';
import { openKeyring } from '../../../src/fhir/store/keys/keyring.ts';
import { openSqliteStore } from '../../../src/fhir/store/sqlite/store.ts';
import type { Store } from '../../../src/fhir/store/store.ts';

export const baseUrl = 'http://127.0.0.1:8080/fhir';

const access = (client: string, role: Access['agent']['role'], sender: string, more: Partial<Access> = {}): Access => ({
  agent: { client, role, sender, purpose: 'TREAT' },
  permits: { '*': 'cruds' },
  operations: [],
  reach: { '*': [{}] },
  without: [],
  studies: [],
  ...more,
});

export const tester = access('tester', 'tester', 'client/tester');

/** Knows what it sent itself, and everybody's Organizations and Practitioners. */
export const institution = (name: string): Access =>
  access(name, 'institution', `Organization/${name}`, {
    reach: { '*': [{ sender: `Organization/${name}` }], Organization: [{}], Practitioner: [{}] },
  });

export const limited = (permits: Access['permits'], reach: Access['reach'] = { '*': [{}] }): Access =>
  access('limited', 'operator', 'client/limited', { permits, reach });

/** An answer as a client sees it. */
export interface Seen {
  readonly status: number;
  readonly body: Json;
  readonly version?: Answer['version'];
  readonly patients?: readonly string[];
  readonly entries?: Answer['entries'];
  readonly headers?: Answer['headers'];
}

export interface Call {
  readonly as?: Access;
  readonly body?: unknown;
  /** JSON Patch. */
  readonly patch?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What was sent is never changed: retries start from it. */
const frozen = (value: unknown): unknown => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    for (const inner of Object.values(value)) frozen(inner);
    Object.freeze(value);
  }
  return value;
};

export const openGate: Gate = async () => ({ lists: [], checks: [] });

export async function open(
  more: { settings?: Partial<Settings>; gate?: Gate; directory?: string } & Partial<Pick<Parts, 'report' | 'capabilities'>> & {
      terminology?: (store: Store, access: Access) => Concepts;
    } = {},
) {
  const directory = more.directory ?? mkdtempSync(path.join(os.tmpdir(), 'noren-interactions-'));
  const keyring = openKeyring({ directory: path.join(directory, 'keys'), master: Buffer.alloc(32, 7) });
  const clock = { now: Date.parse('2026-01-31T03:00:00Z') };
  const now = () => clock.now++;
  const store = await openSqliteStore({
    directory: path.join(directory, 'store'),
    keyring,
    baseUrl,
    timeZone: 'Asia/Tokyo',
    synchronous: 'normal',
    now,
  });
  let ids = 0;
  const parts: Parts = {
    store,
    validate: resource => [...validate(resource), ...customParameters(resource).findings],
    gate: more.gate ?? openGate,
    parseSearch,
    ...(more.terminology ? { terminology: (access: Access) => more.terminology!(store, access) } : {}),
    sealer: createSealer(Buffer.alloc(32, 3)),
    newId: () => `id-${String(++ids).padStart(13, '0')}`,
    now: () => clock.now,
    baseUrl,
    settings: {
      defaultCount: 50,
      maxCount: 1000,
      maxBundleEntries: 1000,
      referentialIntegrity: false,
      conditional: { create: true, read: true, update: true, patch: true, delete: 'multiple' },
      maxConditionalDeletes: 10,
      updateCreate: true,
      timeZone: 'Asia/Tokyo',
      ...more.settings,
    },
    capabilities: more.capabilities ?? { version: '0.1.0', date: '2026-01-31', operations: [] },
    ...(more.report ? { report: more.report } : {}),
  };
  const dispatch = createInteractions(parts);

  /** `call('GET', 'Patient?name=x')`, the way an HTTP request would go. */
  const call = async (method: Request['method'], url: string, { as = tester, body, patch, headers = {} }: Call = {}): Promise<Seen> => {
    const [path = '', ...query] = url.split('?');
    const request: Request = {
      method,
      path,
      query: [...new URLSearchParams(query.join('?'))],
      ...(body === undefined ? {} : { body: frozen(body) as AnyResource }),
      ...(patch === undefined ? {} : { content: { type: 'application/json-patch+json', bytes: Buffer.from(JSON.stringify(patch)) } }),
      headers,
    };
    try {
      const answer = await dispatch(request, as);
      const bytes = answer.bytes
        ? Buffer.concat(answer.bytes)
        : answer.version && !answer.version.deleted
          ? answer.version.bytes
          : undefined;
      const shown = answer.resource ?? (bytes ? (JSON.parse(bytes.toString()) as Json) : {});
      return {
        status: answer.status,
        body: shown as Json,
        ...(answer.version ? { version: answer.version } : {}),
        ...(answer.patients ? { patients: answer.patients } : {}),
        ...(answer.entries ? { entries: answer.entries } : {}),
        ...(answer.headers ? { headers: answer.headers } : {}),
      };
    } catch (thrown) {
      const { status, outcome } = answerOf(thrown);
      if (status === 500) throw thrown;
      return { status, body: outcome as unknown as Json };
    }
  };
  const close = async () => {
    await store.close();
    keyring.close();
    rmSync(directory, { recursive: true, force: true });
  };
  return { call, dispatch, store, clock, close, parts };
}

export type Server = Awaited<ReturnType<typeof open>>;

export const bundle = (seen: Seen): Bundle => seen.body as unknown as Bundle;
export const issues = (seen: Seen) =>
  (seen.body as unknown as OperationOutcome).issue.map(i => ({ code: i.code, text: i.details?.text, at: i.expression?.[0] }));
export const entriesAt = (seen: Seen): (string | undefined)[] => issues(seen).map(i => i.at);
export const statuses = (seen: Seen): string[] => bundle(seen).entry!.map(e => e.response!.status.slice(0, 3));
/** `Type/id` of what each entry of a response wrote. */
export const written = (seen: Seen): (string | undefined)[] =>
  bundle(seen).entry!.map(e => /([A-Z][A-Za-z]+\/[^/]+)\/_history/.exec(e.response!.location ?? '')?.[1]);

export const patient = (more: Json = {}) => ({ resourceType: 'Patient', ...more });
export const observation = (more: Json = {}) => ({ resourceType: 'Observation', status: 'final', code: { text: 'x' }, ...more });
export const identified = (system: string, value: string) => ({ identifier: [{ system, value }] });

export const post = (resource: Json, fullUrl?: string, more: Json = {}) => ({
  ...(fullUrl === undefined ? {} : { fullUrl }),
  resource,
  request: { method: 'POST', url: resource['resourceType'], ...more },
});
export const put = (resource: Json, url = `${resource['resourceType']}/${resource['id']}`, more: Json = {}, fullUrl?: string) => ({
  ...(fullUrl === undefined ? {} : { fullUrl }),
  resource,
  request: { method: 'PUT', url, ...more },
});
export const ask = (method: string, url: string, more: Json = {}) => ({ request: { method, url, ...more } });
export const transaction = (...entry: unknown[]) => ({ resourceType: 'Bundle', type: 'transaction', entry });
export const batch = (...entry: unknown[]) => ({ resourceType: 'Bundle', type: 'batch', entry });
