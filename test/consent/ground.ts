/**
 * What these tests stand on: the real store in a scratch folder, the gate over it, a clock that is set by hand, two hospitals.
 * @module
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createGate, type GateParts } from '../../src/consent/gate.ts';
import type { Access, Role } from '../../src/fhir/model/access.ts';
import { asServer } from '../../src/fhir/model/access.ts';
import { Problem } from '../../src/fhir/model/outcome.ts';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import type { Gate, Proposal } from '../../src/fhir/store/gate.ts';
import { openKeyring } from '../../src/fhir/store/keys/keyring.ts';
import { openSqliteStore } from '../../src/fhir/store/sqlite/store.ts';
import type { Store } from '../../src/fhir/store/store.ts';

export const base = 'https://noren.test/fhir';
export const zone = 'Asia/Tokyo';
export const codes: Readonly<Record<string, string>> = { 'hospital-1': '1319999991', 'hospital-2': '2719999992' };
export const numberSystem = (hospital: string): string => `urn:oid:1.2.392.100495.20.3.51.1${codes[hospital]}`;
export const noon = Date.parse('2026-06-15T12:00:00+09:00');
export const day = 86_400_000;

const institutions = (sender: string) => {
  const code = codes[sender.replace('Organization/', '')];
  return code === undefined ? undefined : { numberSystem: `urn:oid:1.2.392.100495.20.3.51.1${code}`, code };
};

export const agent = (client: string, patient?: string): Access => {
  const role: Role =
    codes[client] !== undefined
      ? 'institution'
      : client === 'patient-app'
        ? 'patient'
        : client === 'researcher-1'
          ? 'researcher'
          : (client as Role);
  return {
    ...asServer('test'),
    agent: {
      client,
      role,
      sender: role === 'institution' ? `Organization/${client}` : `client/${client}`,
      purpose: role === 'researcher' ? 'HRESCH' : 'TREAT',
      ...(patient === undefined ? {} : { patient }),
    },
  };
};

export interface Ground {
  readonly store: Store;
  readonly gate: Gate;
  /** Sets the clock. */
  at(ms: number): void;
  /** Puts the resources through gate and commit as one request; those with an id that is stored are updates. Gives their ids. */
  write(client: string | Access, ...resources: AnyResource[]): Promise<string[]>;
  remove(client: string | Access, type: string, id: string): Promise<void>;
  /** What the gate says, without a commit. */
  ask(client: string | Access, ...resources: AnyResource[]): ReturnType<Gate>;
  stored(type: string): Promise<number>;
  close(): Promise<void>;
}

export type GroundSettings = Partial<
  Pick<GateParts, 'waitDays' | 'waitRule' | 'noticeVersionRequired' | 'filingRequired' | 'renotice' | 'guardian' | 'eraseOnObjection'>
>;

export async function openGround({ waitDays = 30, ...settings }: GroundSettings = {}): Promise<Ground> {
  const directory = mkdtempSync(path.join(tmpdir(), 'noren-consent-'));
  let clock = noon;
  let made = 0;
  const now = () => clock;
  const keyring = openKeyring({ directory: path.join(directory, 'keys'), master: randomBytes(32) });
  const store = await openSqliteStore({
    directory: path.join(directory, 'store'),
    keyring,
    baseUrl: base,
    timeZone: zone,
    synchronous: 'normal',
    now,
    institutionCode: sender => institutions(sender)?.code,
  });
  const gate = createGate({ ...settings, store, waitDays, timeZone: zone, now, institutions, base });
  const access = (client: string | Access) => (typeof client === 'string' ? agent(client) : client);
  const propose = async (resources: readonly AnyResource[]): Promise<(Proposal & { version: number })[]> =>
    Promise.all(
      resources.map(async (resource, n) => {
        const id = resource.id ?? `made-${++made}`;
        const stored = resource.id === undefined ? undefined : await store.read(asServer('test'), resource.resourceType, id);
        const sender = stored && (await store.sender(asServer('test'), resource.resourceType, id));
        const expression = resources.length === 1 ? resource.resourceType : `Bundle.entry[${n}].resource`;
        const written = { ...resource, id };
        const proposal = {
          method: stored === undefined ? 'create' : 'update',
          type: resource.resourceType,
          id,
          resource: written,
          expression,
          version: stored?.versionId ?? 0,
        } as const;
        return stored === undefined || stored.deleted
          ? proposal
          : {
              ...proposal,
              current: JSON.parse(stored.bytes.toString()) as AnyResource,
              ...(sender === undefined ? {} : { currentSender: sender }),
            };
      }),
    );
  return {
    store,
    gate,
    at(ms) {
      clock = ms;
    },
    async write(client, ...resources) {
      const proposals = await propose(resources);
      const { lists, checks, erase = [], legal } = await gate(access(client), proposals);
      const { sender } = access(client).agent;
      await store.commit({
        writes: proposals.map(p => ({
          type: p.type,
          id: p.id,
          resource: p.resource!,
          expect: p.version === 0 ? 'absent' : p.version,
          sender,
          ...(legal === undefined ? {} : { legal: legal.has(`${p.type}/${p.id}`) }),
        })),
        lists,
        checks,
        erase,
      });
      return proposals.map(p => p.id);
    },
    async remove(client, type, id) {
      const stored = (await store.read(asServer('test'), type, id))!;
      const currentSender = (await store.sender(asServer('test'), type, id))!;
      const { lists, checks } = await gate(access(client), [
        { method: 'delete', type, id, current: JSON.parse(stored.bytes.toString()) as AnyResource, currentSender, expression: type },
      ]);
      await store.commit({ writes: [{ type, id, expect: stored.versionId, sender: access(client).agent.sender }], lists, checks });
    },
    async ask(client, ...resources) {
      return gate(access(client), await propose(resources));
    },
    async stored(type) {
      return (
        await store.match(
          asServer('test'),
          { type, where: [], sort: [], count: 1000, total: 'none', summary: 'false', elements: [], include: [], revinclude: [] },
          1000,
        )
      ).length;
    },
    async close() {
      await store.close();
      keyring.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const jst = (ms: number): string => new Date(ms + 9 * 3_600_000).toISOString().slice(0, 10);

export const identifierOf = (hospital: string, number: string) => ({ system: numberSystem(hospital), value: number });
export const patient = (hospital: string, number: string, more: object = {}): AnyResource => ({
  resourceType: 'Patient',
  identifier: [identifierOf(hospital, number)],
  ...more,
});
export const observation = (subject: object | undefined, more: object = {}): AnyResource => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'x' },
  ...(subject === undefined ? {} : { subject }),
  ...more,
});
export const notice = (hospital: string, number: string, daysAgo: number, more: object = {}): AnyResource => ({
  resourceType: 'Communication',
  status: 'completed',
  category: [{ coding: [{ system: 'https://noren.example/fhir/CodeSystem/communication-category', code: 'notice' }] }],
  sent: `${jst(noon - daysAgo * day)}T10:00:00+09:00`,
  sender: { reference: `Organization/${hospital}` },
  subject: { identifier: identifierOf(hospital, number) },
  ...more,
});
export const objection = (whose: object, more: object = {}): AnyResource => ({
  resourceType: 'Consent',
  status: 'active',
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'research' }] },
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  patient: whose,
  dateTime: '2026-06-15T12:00:00+09:00',
  policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTOUT' }] },
  provision: { type: 'deny' },
  ...more,
});

/** The problem that a request meets: its status, and each finding's text and place. */
export async function refusal(
  promise: Promise<unknown>,
): Promise<{ status: number; texts: string[]; places: (string | undefined)[] } | 'taken'> {
  try {
    await promise;
    return 'taken';
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { status: error.status, texts: error.findings.map(f => f.text ?? ''), places: error.findings.map(f => f.expression) };
  }
}
