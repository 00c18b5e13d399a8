// https://hl7.org/fhir/R4/consent.html and docs/consent.md
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { objectionsIn } from '../../src/consent/left-out.ts';
import { narrow } from '../../src/consent/narrow.ts';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import {
  agent,
  base,
  day,
  type Ground,
  identifierOf,
  noon,
  notice,
  objection,
  observation,
  openGround,
  patient,
  refusal,
} from './ground.ts';

let g: Ground;
const id = (hospital: string, number: string) => ({ identifier: identifierOf(hospital, number) });
const member = { system: 'http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID', value: '06139463:12:3456:01' };
const refused = { status: 422, texts: [expect.stringMatching(/objected/)] };
beforeEach(async () => {
  g = await openGround({ eraseOnObjection: false });
  for (const [hospital, number] of [
    ['hospital-1', 'A'],
    ['hospital-1', 'B'],
    ['hospital-2', 'A'],
  ] as const)
    await g.write(hospital, notice(hospital, number, 60));
});
afterEach(() => g.close());
const send = (hospital: string, ...resources: AnyResource[]) => refusal(g.write(hospital, ...resources));
const statusOf = async (promise: Promise<unknown>) => {
  const answer = await refusal(promise);
  return answer === 'taken' ? answer : answer.status;
};

describe('what is an objection', () => {
  test.each<[string, object, string[]]>([
    ['a draft', { status: 'draft' }, ['status']],
    ['withdrawn from the start', { status: 'inactive' }, ['status']],
    ['without a patient', { patient: undefined }, ['patient']],
    ['without a date', { dateTime: undefined }, ['dateTime']],
    ['a year is no date', { dateTime: '2026' }, ['dateTime']],
    ['a scope of another system', { scope: { coding: [{ code: 'research' }] } }, ['scope']],
    ['without the category', { category: [{ text: 'x' }] }, ['category']],
    ['without the policy rule', { policyRule: undefined }, ['policyRule']],
    ['with a permit', { provision: { type: 'permit' } }, ['provision.type']],
    ['without a type', { provision: {} }, ['provision.type']],
    ['without any rule', { provision: undefined, policyRule: undefined }, ['policyRule', 'provision.type']],
    ['with exceptions', { provision: { type: 'deny', provision: [{ type: 'permit' }] } }, ['provision.provision']],
    ['limited to a class', { provision: { type: 'deny', class: [{ code: 'x' }] } }, ['provision.class']],
    [
      'with an actor in another role',
      { provision: { type: 'deny', actor: [{ role: { text: 'x' }, reference: { reference: 'Organization/hospital-1' } }] } },
      ['provision.actor'],
    ],
    [
      'with a period that ends before it begins',
      { provision: { type: 'deny', period: { start: '2026-07-02', end: '2026-07-01' } } },
      ['provision.period'],
    ],
    ['with a period exact to the month', { provision: { type: 'deny', period: { start: '2026-07' } } }, ['provision.period']],
    ['with a modifier extension', { modifierExtension: [{ url: 'x', valueBoolean: true }] }, ['modifierExtension']],
  ])('%s: refused, not passed over', async (_, more, places) => {
    const answer = await refusal(g.ask('hospital-1', objection(id('hospital-1', 'A'), more)));
    expect(answer).toMatchObject({ status: 422, places: places.map(place => `Consent.${place}`) });
  });

  test.each<[string, object]>([
    ['a contained Observation', { contained: [{ ...observation(id('hospital-1', 'A')), id: 'o' }] }],
    ['a contained Patient', { contained: [{ ...patient('hospital-1', 'B'), id: 'p' }], performer: [{ reference: '#p' }] }],
    ['another patient', { performer: [{ reference: 'Patient/b' }] }],
    ['another patient’s number', { performer: [id('hospital-1', 'B')] }],
  ])('nothing travels with it: %s', async (_, more) => {
    await g.write('hospital-1', patient('hospital-1', 'B', { id: 'b' }));
    for (const client of ['hospital-1', 'operator', 'tester'])
      expect(await statusOf(g.ask(client, objection(id('hospital-1', 'A'), more)))).toBe(422);
    const [made] = await g.write('hospital-1', objection(id('hospital-1', 'A')));
    expect(await statusOf(g.ask('hospital-1', objection(id('hospital-1', 'A'), { id: made, status: 'inactive', ...more })))).toBe(422);
  });

  test('the patient, a guardian or the bereaved may have asked', async () => {
    const guardian = {
      resourceType: 'RelatedPerson',
      id: 'g',
      patient: id('hospital-1', 'A'),
      identifier: [{ system: 'urn:g', value: '1' }],
    };
    for (const performer of [id('hospital-1', 'A'), { reference: 'RelatedPerson/not-here' }, { reference: '#g' }, { display: 'x' }])
      expect(await statusOf(g.ask('hospital-1', objection(id('hospital-1', 'A'), { performer: [performer], contained: [guardian] })))).toBe(
        'taken',
      );
  });

  test('another Consent is data like all: of a cleared patient', async () => {
    const treat = objection(id('hospital-1', 'X'), {
      scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'treatment' }] },
    });
    expect(await statusOf(g.write('hospital-1', treat))).toBe(422);
    const permit = {
      policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }] },
      provision: { type: 'permit' },
    };
    await g.write('hospital-1', patient('hospital-1', 'A', { id: 'a' }), objection({ reference: 'Patient/a' }, permit));
    expect(await send('hospital-1', observation({ reference: 'Patient/a' }))).toBe('taken');
  });
});

describe('what it does', () => {
  test('from its commit on intake is refused whole, entries named, nothing stored', async () => {
    await g.write('hospital-1', objection(id('hospital-1', 'A')));
    const answer = await send(
      'hospital-1',
      patient('hospital-1', 'B', { id: 'b' }),
      patient('hospital-1', 'A', { id: 'a' }),
      observation({ reference: 'Patient/a' }),
    );
    expect(answer).toMatchObject({ status: 422, places: ['Bundle.entry[1].resource', 'Bundle.entry[2].resource'] });
    expect(await g.stored('Patient')).toBe(0);
  });

  test('it is taken for a patient of whom nothing else is here, before any notice, in any spelling', async () => {
    await g.write(
      'hospital-1',
      objection({ identifier: { system: 'http://jpfhir.jp/fhir/eCS/Idsystem/JP_Hospital_PatientID', value: 'Ｎ-1' } }),
    );
    await g.write('hospital-1', notice('hospital-1', 'N-1', 60));
    expect(await send('hospital-1', patient('hospital-1', 'N-1'))).toMatchObject(refused);
  });

  test('it covers the person: every record that shares an identifier or is linked, at every hospital, the tester’s too', async () => {
    const both = (hospital: string) => patient(hospital, 'A', { id: `a-${hospital}`, identifier: [identifierOf(hospital, 'A'), member] });
    await g.write('hospital-1', both('hospital-1'));
    await g.write('hospital-2', both('hospital-2'));
    await g.write(
      'hospital-1',
      patient('hospital-1', 'B', { id: 'b', link: [{ other: { reference: 'Patient/a-hospital-1' }, type: 'seealso' }] }),
    );
    await g.write('hospital-1', objection(id('hospital-1', 'A')));
    for (const [hospital, who] of [
      ['hospital-1', 'a-hospital-1'],
      ['hospital-1', 'b'],
      ['hospital-2', 'a-hospital-2'],
      ['tester', 'a-hospital-2'],
      ['tester', 'b'],
    ] as const) {
      expect(await send(hospital, observation({ reference: `Patient/${who}` }))).toMatchObject(refused);
    }
    expect(await send('tester', patient('hospital-1', 'A'))).toMatchObject(refused);
    expect(await send('tester', observation({ identifier: member }))).toMatchObject(refused);
    expect(await send('tester', observation(undefined, { contained: [both('hospital-2')] }))).toMatchObject(refused);
  });

  test('limited to one institution it covers what that one sends', async () => {
    const limit = {
      provision: {
        type: 'deny',
        actor: [
          {
            role: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'CST' }] },
            reference: { reference: 'Organization/hospital-1' },
          },
        ],
      },
    };
    const both = (hospital: string) => patient(hospital, 'A', { identifier: [identifierOf(hospital, 'A'), member] });
    await g.write('hospital-1', both('hospital-1'));
    await g.write('hospital-1', objection(id('hospital-1', 'A'), limit));
    expect(await send('hospital-1', both('hospital-1'))).toMatchObject(refused);
    expect(await send('hospital-2', both('hospital-2'))).toBe('taken');
    const unknown = {
      provision: { ...limit.provision, actor: [{ ...limit.provision.actor[0], reference: { reference: 'Organization/nobody' } }] },
    };
    expect(await statusOf(g.write('hospital-1', objection(id('hospital-1', 'B'), unknown)))).toBe(422);
  });

  test('its period: not before, and behind it only after a new notice', async () => {
    await g.write(
      'hospital-1',
      objection(id('hospital-1', 'A'), { provision: { type: 'deny', period: { start: '2026-06-20', end: '2026-06-25' } } }),
    );
    const data = () => send('hospital-1', patient('hospital-1', 'A'));
    expect(await data()).toBe('taken');
    for (const [days, expected] of [
      [4, 'taken'],
      [5, 'objected'],
      [10, 'objected'],
      [11, 'notice'],
    ] as const) {
      g.at(noon + days * day);
      const answer = await data();
      if (expected === 'taken') expect(answer).toBe('taken');
      else expect(answer).toMatchObject({ status: 422, texts: [expect.stringMatching(expected)] });
    }
  });

  test('data in the same request as the objection are refused', async () => {
    expect(await send('hospital-1', patient('hospital-1', 'A'), objection(id('hospital-1', 'A')))).toMatchObject({
      status: 422,
      places: ['Bundle.entry[0].resource'],
    });
  });
});

describe('what may become of it', () => {
  let consent: AnyResource;
  beforeEach(async () => {
    await g.write('hospital-1', patient('hospital-1', 'A', { id: 'a' }));
    const [made] = await g.write('hospital-1', objection(id('hospital-1', 'A')));
    consent = objection(id('hospital-1', 'A'), { id: made });
  });

  test('deleted: 409', async () => {
    expect(await statusOf(g.remove('hospital-1', 'Consent', consent.id!))).toBe(409);
    expect(await statusOf(g.remove('tester', 'Consent', consent.id!))).toBe(409);
  });

  test.each<[string, object]>([
    ['another patient', id('hospital-1', 'B')],
    ['the same patient by reference', { reference: 'Patient/a' }],
  ])('turned on %s: 409', async (_, who) => expect(await statusOf(g.write('hospital-1', { ...consent, patient: who }))).toBe(409));

  test.each<[string, object]>([
    ['a limit', { provision: { type: 'deny', period: { end: '2026-06-16' } } }],
    ['a permit', { provision: { type: 'permit' } }],
    ['another scope', { scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'treatment' }] } }],
    ['entered in error', { status: 'entered-in-error' }],
    ['rejected', { status: 'rejected' }],
  ])('%s: 409', async (_, more) => {
    expect(await statusOf(g.write('hospital-1', { ...consent, ...more }))).toBe(409);
    expect(await send('hospital-1', observation({ reference: 'Patient/a' }))).toMatchObject(refused);
  });

  test('withdrawn from another side: refused', async () => {
    for (const side of ['tester', 'operator', 'hospital-2'])
      expect(await statusOf(g.write(side, { ...consent, status: 'inactive' }))).toBe(403);
    expect(await send('hospital-1', observation({ reference: 'Patient/a' }))).toMatchObject(refused);
  });

  test('a clerical change leaves it in force', async () => {
    expect(await send('hospital-1', { ...consent, performer: [{ display: 'x' }] })).toBe('taken');
    expect(await send('hospital-1', observation({ reference: 'Patient/a' }))).toMatchObject(refused);
  });

  test('withdrawn: only a notice given after the withdrawal counts, after its own wait; the old data stay out', async () => {
    g.at(noon + day);
    expect(await send('hospital-1', { ...consent, status: 'inactive' })).toBe('taken');
    g.at(noon + day + 1000);
    const data = () => send('hospital-1', observation({ reference: 'Patient/a' }));
    expect(await data()).toMatchObject({ status: 422, texts: [expect.stringMatching(/no notice/)] });
    await g.write('hospital-1', notice('hospital-1', 'A', 0, { sent: '2026-06-16' }));
    g.at(noon + 90 * day);
    expect(await data()).toMatchObject({ texts: [expect.stringMatching(/no notice/)] });
    await g.write('hospital-1', notice('hospital-1', 'A', 0, { sent: '2026-06-17' }));
    expect(await data()).toBe('taken');
    const research = narrow(agent('researcher-1'));
    expect(research.without).toEqual(['objection']);
    expect(await g.store.read(research, 'Patient', 'a')).toBeUndefined();
    expect(await g.stored('Observation')).toBe(1);
    expect(
      await g.store.match(
        research,
        { type: 'Observation', where: [], sort: [], count: 9, total: 'none', summary: 'false', elements: [], include: [], revinclude: [] },
        9,
      ),
    ).toHaveLength(1);
  });

  test('withdrawn after its period: it has ended with its period', async () => {
    const period = { provision: { type: 'deny', period: { end: '2026-06-16' } } };
    const [made] = await g.write('hospital-1', objection(id('hospital-1', 'B'), period));
    g.at(noon + 9 * day);
    await g.write('hospital-1', objection(id('hospital-1', 'B'), { ...period, id: made, status: 'inactive' }));
    const [line] = (await g.store.lines([`${identifierOf('hospital-1', 'B').system}|B`])).filter(one => one.list === 'objection');
    expect(line?.until).toBe(Date.parse('2026-06-17T00:00:00+09:00') - 1);
  });

  test('a second update does not move the time of withdrawal; taken up again: 409, a new objection is made', async () => {
    g.at(noon + day);
    await g.write('hospital-1', { ...consent, status: 'inactive' });
    g.at(noon + 3 * day);
    await g.write('hospital-1', { ...consent, status: 'inactive', performer: [{ display: 'x' }] });
    expect((await g.store.lines(['Patient/a'])).find(line => line.list === 'objection')?.until).toBe(noon + day);
    expect(await statusOf(g.write('hospital-1', consent))).toBe(409);
    expect(await send('hospital-1', objection(id('hospital-1', 'A')))).toBe('taken');
  });
});

describe('whose it may be', () => {
  beforeEach(() =>
    g.write(
      'hospital-1',
      patient('hospital-1', 'A', { id: 'a', identifier: [identifierOf('hospital-1', 'A'), member] }),
      patient('hospital-1', 'B', { id: 'b' }),
    ),
  );
  const app = agent('patient-app', 'Patient/a');

  test('a patient’s app objects for its own patient, by reference or by a number of the patient’s', async () => {
    expect(await statusOf(g.ask(app, objection({ reference: 'Patient/a' })))).toBe('taken');
    expect(await statusOf(g.ask(app, objection({ identifier: member })))).toBe('taken');
    await g.write(app, objection({ reference: `${base}/Patient/a` }));
    expect(await send('hospital-1', patient('hospital-1', 'A'))).toMatchObject(refused);
  });

  test.each<[string, object]>([
    ['another patient', { reference: 'Patient/b' }],
    ['another patient’s number', id('hospital-1', 'B')],
    ['its patient’s reference with another’s number', { reference: 'Patient/a', ...id('hospital-1', 'B') }],
    ['nobody', {}],
  ])('… not for %s', async (_, who) => expect(await statusOf(g.write(app, objection(who)))).toBe(403));

  test('… with nobody else in it, whatever Consent it is', async () => {
    const treat = { scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'treatment' }] } };
    for (const kind of [{}, treat]) {
      expect(await statusOf(g.ask(app, objection({ reference: 'Patient/a' }, { ...kind, performer: [{ reference: 'Patient/a' }] })))).toBe(
        'taken',
      );
      for (const more of [
        { performer: [{ reference: 'Patient/b' }] },
        { contained: [{ ...observation({ reference: 'Patient/a' }), id: 'o' }] },
      ])
        expect(await statusOf(g.ask(app, objection({ reference: 'Patient/a' }, { ...kind, ...more })))).toBe(422);
    }
  });

  test('… and learns of nobody else by it', async () => {
    await g.write('tester', { resourceType: 'RelatedPerson', id: 'r', patient: { reference: 'Patient/b' } });
    const answers = [];
    for (const one of ['RelatedPerson/r', 'RelatedPerson/never', 'Patient/b', 'Patient/never'])
      answers.push(await refusal(g.ask(app, objection({ reference: 'Patient/a' }, { performer: [{ reference: one }] }))));
    expect(answers[0]).toMatchObject({ status: 422 });
    expect(answers.slice(1)).toEqual([answers[0], answers[0], answers[0]]);
  });

  test('… and writes nothing else', async () => {
    expect(await statusOf(g.write(app, observation({ reference: 'Patient/a' })))).toBe(403);
    expect(await statusOf(g.write(agent('patient-app'), objection({ reference: 'Patient/a' })))).toBe(403);
  });

  test('… does not withdraw what the hospital took down, nor the hospital what the app did', async () => {
    const [theirs] = await g.write('hospital-1', objection({ reference: 'Patient/a' }));
    expect(await statusOf(g.write(app, objection({ reference: 'Patient/a' }, { id: theirs, status: 'inactive' })))).toBe(403);
    const [own] = await g.write(app, objection({ reference: 'Patient/a' }));
    expect(await statusOf(g.write('hospital-1', objection({ reference: 'Patient/a' }, { id: own, status: 'inactive' })))).toBe(403);
    expect(await statusOf(g.write(app, objection({ reference: 'Patient/a' }, { id: own, status: 'inactive' })))).toBe('taken');
  });

  test('an institution objects for patients of its own only', async () => {
    expect(await statusOf(g.write('hospital-2', objection({ reference: 'Patient/a' })))).toBe(422);
    expect(await statusOf(g.write('hospital-2', objection(id('hospital-1', 'A'))))).toBe(422);
    expect(await statusOf(g.write('hospital-2', objection({ identifier: member })))).toBe(422);
    expect(await statusOf(g.write('hospital-1', objection({ identifier: member })))).toBe('taken');
    expect(await send('hospital-1', observation({ reference: 'Patient/a' }))).toMatchObject(refused);
  });

  test('the operator and the tester write down objections of anyone; one that leads to nobody is refused', async () => {
    expect(await statusOf(g.ask('operator', objection({ reference: 'Patient/a' })))).toBe('taken');
    expect(await statusOf(g.ask('tester', objection(id('hospital-2', 'Z'))))).toBe('taken');
    expect(await statusOf(g.ask('operator', objection({ reference: 'Patient/nobody' })))).toBe(422);
    expect(await statusOf(g.ask('operator', objection({ identifier: { value: '1' } })))).toBe(422);
    expect(await statusOf(g.ask('operator', objection({ reference: 'Patient/a', ...id('hospital-1', 'B') })))).toBe(422);
  });
});

test('whoever keeps a register does not write an objector into it, and may take one out', async () => {
  await g.write('hospital-1', patient('hospital-1', 'A', { id: 'a' }), patient('hospital-1', 'B', { id: 'b' }));
  const group = (...members: string[]): AnyResource => ({
    resourceType: 'Group',
    id: 'cohort',
    type: 'person',
    actual: true,
    member: members.map(one => ({ entity: { reference: `Patient/${one}` } })),
  });
  await g.write('operator', group('a', 'b'));
  await g.write('hospital-1', objection(id('hospital-1', 'A')));
  expect(await statusOf(g.write('operator', group('a', 'b')))).toBe(422);
  expect(await statusOf(g.write('operator', group('b')))).toBe('taken');
});

describe('a Bundle that was handed in', () => {
  const now = noon;
  const entries = (...resources: (AnyResource & { fullUrl?: string })[]): AnyResource => ({
    resourceType: 'Bundle',
    type: 'collection',
    entry: resources.map(({ fullUrl, ...resource }) => ({ ...(fullUrl === undefined ? {} : { fullUrl }), resource })),
  });
  const left = async (bundle: AnyResource) => [
    ...(await objectionsIn(bundle, { store: g.store, now, base, institutions: ['2719999992', '1319999991'] })),
  ];

  test('whoever objected is left out under every name that the Bundle gives him', async () => {
    await g.write('hospital-1', objection(id('hospital-1', 'A')));
    const bundle = entries(
      { fullUrl: 'urn:uuid:a', ...patient('hospital-1', 'A', { id: 'x' }) },
      observation({ reference: 'urn:uuid:a' }),
      observation({ reference: 'Patient/x' }),
      observation(id('hospital-1', 'Ａ')),
      { fullUrl: 'urn:uuid:b', ...patient('hospital-1', 'B', { id: 'y', managingOrganization: { reference: 'urn:uuid:o' } }) },
      observation({ reference: 'urn:uuid:b' }),
      { fullUrl: 'urn:uuid:o', resourceType: 'Organization' },
      patient('hospital-1', 'C', { id: 'z', link: [{ other: { reference: 'urn:uuid:a' }, type: 'seealso' }] }),
      observation({ reference: 'Patient/z' }),
      observation({ reference: 'https://other.test/fhir/Patient/5' }),
    );
    expect(await left(bundle)).toEqual([0, 1, 2, 3, 7, 8, 9]);
  });

  test('by a condition too: by his number he is meant, by anything else he may be', async () => {
    await g.write('hospital-1', objection(id('hospital-1', 'A')));
    const by = (number: string) => {
      const { system, value } = identifierOf('hospital-1', number);
      return observation({ reference: `Patient?identifier=${encodeURIComponent(`${system}|${value}`)}` });
    };
    expect(await left(entries(by('A'), by('B'), observation({ reference: 'Patient?name=x' })))).toEqual([0, 2]);
    const { system } = identifierOf('hospital-1', 'A');
    const several = observation({ reference: `Patient?identifier=${system}|B,${system}|A` });
    expect(await left(entries(by('A'), several))).toEqual([0, 1]);
    expect(
      await left(entries(by('A'), patient('hospital-1', 'A', { id: 'x' }), by('B'), observation({ reference: 'Patient?name=x' }))),
    ).toEqual([0, 1, 3]);
  });

  test('a number in the form that names no hospital may be any hospital’s', async () => {
    await g.write('hospital-1', objection(id('hospital-1', 'A')));
    const system = 'http://jpfhir.jp/fhir/eCS/Idsystem/JP_Hospital_PatientID';
    const of = (value: string, who: string) => patient('hospital-1', '', { id: who, identifier: [{ system, value }] });
    expect(
      await left(entries(of('B', 'y'), of('A', 'x'), observation({ reference: 'Patient/x' }), observation({ reference: 'Patient/y' }))),
    ).toEqual([1, 2]);
  });

  test('nobody objected: all stay', async () => {
    expect(
      await left(entries({ fullUrl: 'urn:uuid:a', ...patient('hospital-1', 'A', { id: 'x' }) }, observation({ reference: 'urn:uuid:a' }))),
    ).toEqual([]);
  });

  test('research sees nobody who objected; care does', () => {
    expect(narrow(agent('hospital-1')).without).toEqual([]);
    expect(narrow({ ...agent('tester'), agent: { ...agent('tester').agent, purpose: 'HRESCH' } }).without).toEqual(['objection']);
  });
});
