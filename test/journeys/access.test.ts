// contract: who may do what, each interaction × kind of client over real HTTP, alone and as an entry of a batch. https://hl7.org/fhir/R4/http.html#summary
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle } from '@medplum/fhirtypes';
import { fetchToken } from '../../src/commands/token.ts';
import { objection, openWorld, type World } from './world.ts';

const clients = ['tester', 'hospital-1', 'researcher-1', 'operator', 'patient-app'] as const;
type Letters = readonly [tester: string, hospital: string, researcher: string, operator: string, app: string];

/** What each may do with a type at all; what it may know of, the tests below say. */
const rights: Readonly<Record<string, Letters>> = {
  Patient: ['cruds', 'cruds', '', '', 'rs'],
  Observation: ['cruds', 'cruds', '', '', 'rs'],
  Provenance: ['cruds', 'cruds', '', '', 'rs'],
  Bundle: ['cruds', 'cruds', '', '', ''],
  Location: ['cruds', 'cruds', '', '', ''],
  Group: ['cruds', 'cruds', '', 'cruds', ''],
  Consent: ['cruds', 'cruds', '', 'cruds', 'crus'],
  Communication: ['cruds', 'cruds', '', 'cruds', 'rs'],
  Organization: ['cruds', 'cruds', '', 'cruds', ''],
  Practitioner: ['cruds', 'cruds', '', 'cruds', ''],
  ValueSet: ['cruds', 'rs', '', 'cruds', ''],
  ResearchStudy: ['cruds', '', 'r', 'cruds', ''],
  Measure: ['cruds', '', '', 'cruds', ''],
  Subscription: ['cruds', '', '', '', ''],
};
/** Types whose resources a client knows of although it did not send them. */
const everybodys: Readonly<Record<string, readonly string[]>> = {
  tester: Object.keys(rights),
  'hospital-1': ['Organization', 'Practitioner', 'ValueSet'],
  operator: Object.keys(rights),
};

let world: World;
const tokens = new Map<string, string>();
let made = 0;

const bodyOf = (type: string): object => {
  const subject = { reference: 'Patient/access-other' };
  const bodies: Readonly<Record<string, object>> = {
    Observation: { status: 'final', code: { text: 'x' }, subject },
    Provenance: { target: [subject], recorded: '2026-01-01T00:00:00Z', agent: [{ who: { display: 'x' } }] },
    Bundle: { type: 'collection' },
    Group: { type: 'person', actual: true },
    Consent: { ...objection(subject), provision: { type: 'permit' }, policyRule: { text: 'x' }, scope: { text: 'x' } },
    Communication: { status: 'completed', subject },
    Organization: { name: 'x' },
    ValueSet: { status: 'draft' },
    ResearchStudy: { status: 'active' },
    Measure: { status: 'draft' },
    Subscription: { status: 'off', reason: 'x', criteria: 'Patient', channel: { type: 'message' } },
  };
  return { ...(bodies[type] ?? {}), resourceType: type };
};

async function ask(client: string, method: string, path: string, body?: object | string): Promise<{ status: number; text: string }> {
  const response = await fetch(path === '' ? world.baseUrl : `${world.baseUrl}/${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${tokens.get(client)}`,
      ...(body === undefined
        ? {}
        : { 'Content-Type': typeof body === 'string' ? 'application/x-www-form-urlencoded' : 'application/fhir+json' }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
}

/** A fresh resource of a type, sent by the tester, about somebody who is not the app's patient. */
async function seed(type: string): Promise<string> {
  const id = `access-${++made}`;
  const { status, text } = await ask('tester', 'PUT', `${type}/${id}`, { ...bodyOf(type), id });
  if (status !== 201) throw new Error(`${type}: ${status} ${text}`);
  return id;
}

beforeAll(async () => {
  world = await openWorld(1, 'access');
  for (const client of clients) {
    const patient = client === 'patient-app' ? 'Patient/access-own' : undefined;
    tokens.set(client, (await fetchToken({ client, patient, data: world.data, url: world.baseUrl })).token);
  }
  for (const id of ['access-own', 'access-other']) await ask('tester', 'PUT', `Patient/${id}`, { resourceType: 'Patient', id });
});
afterAll(() => world.close());

/** Letter of `cruds` → requests: method, path, body. */
const requests: Readonly<Record<string, (type: string, id: string) => readonly (readonly [string, string, (object | string)?])[]>> = {
  c: type => [['POST', type, bodyOf(type)]],
  r: (type, id) => [
    ['GET', `${type}/${id}`],
    ['HEAD', `${type}/${id}`],
    ['GET', `${type}/${id}/_history`],
    ['GET', `${type}/${id}/_history/1`],
  ],
  u: (type, id) => [
    ['PUT', `${type}/${id}`, { ...bodyOf(type), id }],
    ['PUT', `${type}?_id=${id}`, { ...bodyOf(type), id }],
  ],
  d: (type, id) => [
    ['DELETE', `${type}?_id=${id}`],
    ['DELETE', `${type}/${id}`],
  ],
  s: (type, id) => [
    ['GET', `${type}?_id=${id}`],
    ['POST', `${type}/_search`, `_id=${id}`],
  ],
};

describe.each(clients.map((client, i) => [client, i] as const))('%s', (client, i) => {
  test.each(Object.entries(rights).map(([type, letters]) => [type, letters[i]!] as const))('%s: may "%s"', async (type, letters) => {
    for (const letter of 'cruds') {
      const id = await seed(type);
      for (const [method, path, body] of requests[letter]!(type, id)) {
        const { status, text } = await ask(client, method, path, body);
        const at = [method, path.replace(id, '[id]')];
        if (!letters.includes(letter)) {
          expect([...at, status]).toEqual([...at, 403]);
          expect(text).not.toContain(id);
        } else if (letter === 'c') {
          // Bodies are about somebody who is no patient of a hospital’s, nor the app’s.
          expect([...at, [201, 403, 422].includes(status)]).toEqual([...at, true]);
          if (client === 'tester') expect([...at, status]).toEqual([...at, 201]);
        } else if (everybodys[client]?.includes(type)) {
          const isForeign = client === 'hospital-1' && 'ud'.includes(letter);
          expect([...at, status < 300]).toEqual([...at, !isForeign]);
          if (isForeign) expect([...at, status]).toEqual([...at, 404]);
        } else if (letter === 's') {
          expect([...at, status, (JSON.parse(text) as Bundle).total]).toEqual([...at, 200, 0]);
        } else {
          // Criteria that match nothing: nothing to delete (200), a new one under an id that is not the client’s to choose (404).
          expect([...at, status]).toEqual([...at, method === 'DELETE' && path.includes('?') ? 200 : 404]);
        }
      }
    }
  });

  test('an entry of a batch answers as the request alone', async () => {
    for (const [type, letters] of Object.entries(rights)) {
      for (const letter of 'cruds') {
        const id = await seed(type);
        const all = requests[letter]!(type, id).filter(([, path]) => !path.endsWith('_search'));
        const answer = await ask(client, 'POST', '', {
          resourceType: 'Bundle',
          type: 'batch',
          entry: all
            .slice(0, 1)
            .map(([method, url, resource]) => ({ request: { method, url }, ...(resource === undefined ? {} : { resource }) })),
        });
        const status = Number.parseInt((JSON.parse(answer.text) as Bundle).entry![0]!.response!.status!, 10);
        expect([type, letter, status === 403]).toEqual([
          type,
          letter,
          !letters[i]!.includes(letter) || (letter === 'c' && client === 'patient-app'),
        ]);
      }
    }
  });
});

describe('what is not there for a client answers to the letter like what never was', () => {
  test.each(['hospital-1', 'patient-app'] as const)('%s', async client => {
    for (const type of ['Patient', 'Observation', 'Consent', 'Communication']) {
      const there = await seed(type);
      const never = 'access-never';
      for (const letter of client === 'hospital-1' ? 'rud' : 'r') {
        const [one, other] = await Promise.all(
          [there, never].map(async id => {
            const answers = [];
            for (const [method, path, body] of requests[letter]!(type, id)) {
              const { status, text } = await ask(client, method, path, body);
              answers.push([status, text.replaceAll(id, '[id]')]);
            }
            return answers;
          }),
        );
        expect(one).toEqual(other);
      }
    }
  });

  test('nothing is read before a token is good: each method, each path', async () => {
    const id = await seed('Patient');
    for (const [method, path] of ['cruds'].flatMap(letters => [...letters].flatMap(letter => requests[letter]!('Patient', id)))) {
      const response = await fetch(`${world.baseUrl}/${path}${path.includes('?') ? '&' : '?'}access_token=${tokens.get('tester')}`, {
        method,
      });
      expect([method, response.status, response.headers.get('www-authenticate')?.startsWith('Bearer')]).toEqual([method, 401, true]);
    }
  });
});
