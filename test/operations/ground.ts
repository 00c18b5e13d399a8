/**
 * What these tests stand on: the real store in a scratch folder, the real search, the operations over them, a fixed clock.
 * @module
 */
import { createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { objectionsIn } from '../../src/consent/left-out.ts';
import { releasable } from '../../src/consent/stops.ts';
import { type Access, asServer, leavingOut, type Role } from '../../src/fhir/model/access.ts';
import type { Dispatch } from '../../src/fhir/model/exchange.ts';
import { Problem } from '../../src/fhir/model/outcome.ts';
import type { AnyResource, Json } from '../../src/fhir/model/r4.ts';
import { createSealer } from '../../src/fhir/model/seal.ts';
import { validate } from '../../src/fhir/profile/validate.ts';
import { parseSearch } from '../../src/fhir/search/parse.ts';
import { openKeyring } from '../../src/fhir/store/keys/keyring.ts';
import { profilesIn } from '../../src/fhir/store/profiles.ts';
import { openSqliteStore } from '../../src/fhir/store/sqlite/store.ts';
import type { ListEntry, Store } from '../../src/fhir/store/store.ts';
import { knowledgeIn } from '../../src/fhir/store/terminology.ts';
import { newCompiled } from '../../src/fhir/terminology/knowledge.ts';
import { createFiles, shelfOfOne } from '../../src/http/files.ts';
import { createHeld } from '../../src/http/held.ts';
import { createSources } from '../../src/http/sources.ts';
import { createOperations, type OperationParts } from '../../src/operations/index.ts';

export const base = 'https://noren.test/fhir';
export const noon = Date.parse('2026-06-15T12:00:00+09:00');
export const numbers = 'urn:oid:1.2.392.100495.20.3.51.11319999991';

export const access = (role: Role, more: Partial<Access> = {}): Access => ({
  ...asServer('test'),
  agent: { client: `${role}-1`, role, sender: `client/${role}-1`, purpose: role === 'researcher' ? 'HRESCH' : 'HOPERAT' },
  permits: {},
  reach: {},
  operations: ['deidentify'],
  studies: role === 'researcher' ? ['open', 'second', 'closed', 'over', 'gone'] : [],
  ...more,
});

interface Asked {
  readonly status: number;
  readonly body: AnyResource;
  readonly text: string;
}

export interface Ground {
  readonly store: Store;
  readonly dispatch: Dispatch;
  /** What the operations are made of. */
  readonly parts: OperationParts;
  /** Stores resources as they are. */
  write(...resources: AnyResource[]): Promise<void>;
  /** The same, as sent by somebody. */
  send(sender: string, ...resources: AnyResource[]): Promise<void>;
  /** Puts persons on the list of objections, or notes another line. */
  object(...persons: string[]): Promise<void>;
  /** The answer's body; a refusal as `{status, text}`. */
  ask(who: Access, ...parameter: Json[]): Promise<Asked>;
  /** The same of another operation, by its code. */
  call(code: string, who: Access, ...parameter: Json[]): Promise<Asked>;
  close(): Promise<void>;
}

export async function openGround({ maxReleaseResources = 5000 } = {}): Promise<Ground> {
  const directory = mkdtempSync(path.join(tmpdir(), 'noren-operations-'));
  const keyring = openKeyring({ directory: path.join(directory, 'keys'), master: randomBytes(32) });
  const store = await openSqliteStore({
    directory: path.join(directory, 'store'),
    keyring,
    baseUrl: base,
    timeZone: 'Asia/Tokyo',
    synchronous: 'normal',
    now: () => noon,
  });
  const compiled = newCompiled();
  const parts: OperationParts = {
    store,
    knowledge: who => knowledgeIn(store, who, compiled),
    validate,
    profiles: profilesIn(store, compiled, () => noon, base),
    secret: purpose => createHmac('sha256', 'a master key of these tests').update(purpose).digest(),
    parseSearch,
    sealer: createSealer(Buffer.alloc(32, 5)),
    institutions: () => undefined,
    noticeRules: {
      waitDays: 30,
      renotice: { onRepresentative: true },
      guardian: { requiredUnderAge: 16, renoticeAtAge: 0 },
      timeZone: 'Asia/Tokyo',
    },
    dispatch: () => dispatch,
    entered: async () => [],
    mayRelease: () => releasable(store),
    signedBy: () => undefined,
    alarm: async () => {},
    setActive: async () => false,
    researchAccess: who => leavingOut({ ...who, permits: { '*': 'rs' }, reach: { '*': [{}] } }, 'objection'),
    sources: createSources({ fileSources: [], fileTimeoutMs: 1000, maxBodyBytes: 1e6 }),
    offerFiles: createFiles({
      baseUrl: base,
      lifeSeconds: 60,
      shelf: shelfOfOne(() => noon),
      held: createHeld(1e6, () => noon),
      moment: () => store.moment(),
      now: () => noon,
    }).offer,
    underObjection: bundle => objectionsIn(bundle, { store, now: noon, base }),
    now: () => noon,
    settings: { maxReleaseResources, maxCount: 1000, maxDepth: 64, timeZone: 'Asia/Tokyo', implicitPolicy: 'basic-normal' },
    baseUrl: base,
  };
  const dispatch: Dispatch = createOperations(parts);
  let sources = 0;
  const call = async (code: string, who: Access, ...parameter: Json[]): Promise<Asked> => {
    try {
      const body = { resourceType: 'Parameters', parameter };
      const answer = await dispatch({ method: 'POST', path: `$${code}`, query: [], body, headers: {} }, who);
      const text = answer.bytes === undefined ? JSON.stringify(answer.resource) : Buffer.concat(answer.bytes).toString();
      return { status: answer.status, body: JSON.parse(text) as AnyResource, text };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return { status: error.status, body: { resourceType: 'OperationOutcome' }, text: error.message };
    }
  };
  const send = async (sender: string, ...resources: AnyResource[]): Promise<void> => {
    await store.commit({
      writes: resources.map(resource => ({ type: resource.resourceType, id: resource.id!, resource, expect: 'any', sender })),
    });
  };
  return {
    store,
    dispatch,
    parts,
    write: (...resources) => send('client/tester', ...resources),
    send,
    async object(...persons) {
      const line: ListEntry = { list: 'objection', source: `Consent/${++sources}`, persons, from: 0 };
      await store.commit({ writes: [], lists: [line] });
    },
    ask: (who, ...parameter) => call('deidentify', who, ...parameter),
    call,
    async close() {
      await store.close();
      keyring.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const study = (id: string, more: object): AnyResource => ({ resourceType: 'ResearchStudy', id, ...more });

export const studies: readonly AnyResource[] = [
  study('open', { status: 'active', period: { start: '2026-01-01', end: '2026-06-15' } }),
  study('second', { status: 'active', period: { start: '2026' } }),
  study('closed', { status: 'withdrawn' }),
  study('over', { status: 'active', period: { end: '2026-06-14' } }),
  study('another', { status: 'active' }),
];

/** A study whose data sets are made by these policies. */
export const under = (id: string, ...canonicals: string[]): AnyResource =>
  study(id, {
    status: 'active',
    extension: canonicals.map(name => ({
      url: 'https://noren.example/fhir/StructureDefinition/deidentification-policy',
      valueCanonical: `https://noren.example/fhir/deidentification-policy/${name}`,
    })),
  });

export const loinc = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }] });
export const icd = (code: string) => ({ coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code }] });

/** A person with an Encounter, a Condition and two Observations, 41 days apart. */
export function person(n: number, more: { patient?: object; disease?: string; value?: number } = {}): AnyResource[] {
  const subject = { reference: `Patient/p${n}`, display: `山田太郎${n}` };
  const encounter = { reference: `${base}/Encounter/e${n}/_history/1` };
  return [
    {
      resourceType: 'Patient',
      id: `p${n}`,
      identifier: [{ system: numbers, value: `KARTE-${n}` }],
      name: [{ text: `山田太郎${n}` }],
      gender: n % 2 === 0 ? 'female' : 'male',
      birthDate: `19${50 + (n % 40)}-05-17`,
      address: [{ state: n % 3 === 0 ? '大阪府' : '東京都', city: n % 3 === 0 ? '大阪市北区' : '千代田区', line: ['探針町9-8'] }],
      managingOrganization: { reference: 'Organization/hospital-1' },
      ...more.patient,
    },
    {
      resourceType: 'Encounter',
      id: `e${n}`,
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
      subject,
      period: { start: '2024-02-03T09:00:00+09:00', end: '2024-02-03T10:30:00+09:00' },
    },
    {
      resourceType: 'Condition',
      id: `c${n}`,
      code: { ...icd(more.disease ?? 'E11'), text: `山田太郎${n}` },
      subject,
      encounter,
      recordedDate: '2024-02-03',
    },
    {
      resourceType: 'Observation',
      id: `o${n}a`,
      status: 'final',
      code: loinc('2339-0'),
      subject,
      encounter,
      effectiveDateTime: '2024-02-03T09:30:00+09:00',
      valueQuantity: { value: more.value ?? 100 + n, unit: 'mg/dL' },
    },
    {
      resourceType: 'Observation',
      id: `o${n}b`,
      status: 'final',
      code: loinc('4548-4'),
      subject,
      effectiveDateTime: '2024-03-15',
      valueQuantity: { value: 7.2, unit: '%' },
    },
  ];
}

export const to = (id: string): Json => ({ name: 'study', valueReference: { reference: `ResearchStudy/${id}` } });
export const cohort = (text: string): Json => ({ name: 'cohort', valueString: text });
export const ofType = (code: string): Json => ({ name: 'type', valueCode: code });
export const summary: Json = { name: 'output', valueCode: 'summary' };

export const resources = (bundle: AnyResource): AnyResource[] =>
  ((bundle['entry'] ?? []) as { resource: AnyResource }[]).map(entry => entry.resource);
export const ofKind = (bundle: AnyResource, type: string): AnyResource[] =>
  resources(bundle).filter(resource => resource.resourceType === type);
