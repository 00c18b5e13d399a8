// https://hl7.org/fhir/R4/compartmentdefinition-patient.html and docs/consent.md; the names "2022 a", "2022 b", "2022 d" are the incident of that year as tests.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import {
  agent,
  base,
  day,
  type Ground,
  identifierOf,
  noon,
  notice,
  numberSystem,
  objection,
  observation,
  openGround,
  patient,
  refusal,
} from './ground.ts';

let g: Ground;
beforeEach(async () => {
  g = await openGround({ eraseOnObjection: false });
  await g.write('hospital-1', notice('hospital-1', 'N-40', 40));
});
afterEach(() => g.close());

const one = (hospital = 'hospital-1', number = 'N-40', id = 'p'): AnyResource[] => [
  patient(hospital, number, { id }),
  observation({ reference: `Patient/${id}` }),
];
const send = (...resources: AnyResource[]) => refusal(g.write('hospital-1', ...resources));
const refusedWith = (text: RegExp, places?: string[]) =>
  expect.objectContaining({
    status: 422,
    texts: expect.arrayContaining([expect.stringMatching(text)]),
    ...(places === undefined ? {} : { places }),
  });

describe('notice gate', () => {
  test('2022 a: a request whose Patient lacks a notice is refused whole, and nothing is stored', async () => {
    const cleared = one();
    const secret = one('hospital-1', 'N-0', 'q');
    expect(await send(...cleared, ...secret)).toEqual(refusedWith(/no notice/, ['Bundle.entry[2].resource', 'Bundle.entry[3].resource']));
    expect([await g.stored('Patient'), await g.stored('Observation')]).toEqual([0, 0]);
    expect(await g.store.lines([`${numberSystem('hospital-1')}|N-0`])).toEqual([]);
  });

  test.each([
    [5, 'wait'],
    [30, 'wait'],
    [31, 'taken'],
  ])('a notice %i days old: %s', async (days, expected) => {
    await g.write('hospital-1', notice('hospital-1', `N-${days}`, days));
    const answer = await send(...one('hospital-1', `N-${days}`));
    if (expected === 'taken') expect(answer).toBe('taken');
    else expect(answer).toEqual(refusedWith(/too young/));
  });

  test('a cleared patient is taken, alone and later by reference', async () => {
    expect(await send(...one())).toBe('taken');
    expect(await send(observation({ reference: 'Patient/p' }))).toBe('taken');
    expect(await send(observation({ reference: `${base}/Patient/p/_history/1` }))).toBe('taken');
    expect(await g.stored('Observation')).toBe(3);
  });

  test('a second record with the same number is taken', async () => {
    expect(await send(...one())).toBe('taken');
    expect(await send(...one('hospital-1', 'Ｎ-40', 'q'))).toBe('taken');
  });

  test('another institution’s notice counts for nothing', async () => {
    expect(await refusal(g.write('hospital-2', ...one('hospital-1')))).toEqual(refusedWith(/exactly one patient number/));
    expect(await refusal(g.write('hospital-2', ...one('hospital-2')))).toEqual(refusedWith(/no notice/));
  });

  test('2022 b: a notice for A never covers B, neither by link nor by a shared identifier', async () => {
    const member = { system: 'http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID', value: '06139463:12:3456:01' };
    expect(await send(patient('hospital-1', 'N-40', { id: 'a', identifier: [identifierOf('hospital-1', 'N-40'), member] }))).toBe('taken');
    expect(await send(patient('hospital-1', 'N-0', { id: 'b', link: [{ other: { reference: 'Patient/a' }, type: 'seealso' }] }))).toEqual(
      refusedWith(/no notice/),
    );
    expect(await send(patient('hospital-1', 'N-0', { id: 'b', identifier: [identifierOf('hospital-1', 'N-0'), member] }))).toEqual(
      refusedWith(/no notice/),
    );
    expect(await send(patient('hospital-1', 'N-40', { id: 'a', link: [{ other: { reference: 'Patient/b' }, type: 'seealso' }] }))).toEqual(
      refusedWith(/not here/),
    );
  });

  test('2022 d: nobody is in the store without a notice of his own, whatever was tried', async () => {
    await g.write('hospital-1', ...one());
    await send(...one('hospital-1', 'N-0', 'q'));
    await send({ ...patient('hospital-1', 'N-0'), id: 'p' });
    await send({ ...patient('hospital-1', 'N-40'), id: 'p', identifier: [] });
    const version = await g.store.read(agent('tester'), 'Patient', 'p');
    expect(version?.versionId).toBe(1);
    expect(await g.stored('Patient')).toBe(1);
    const lines = await g.store.lines(['Patient/p']);
    expect(lines.filter(line => line.list === 'notice' && line.sender === 'Organization/hospital-1')).toHaveLength(1);
  });

  test('UNDELIVERED is taken of no institution, alone and among others, under any spelling of the system; UNINFORMED is', async () => {
    const tagged = (...tag: object[]): AnyResource[] => [
      patient('hospital-1', 'N-40', { id: 'p' }),
      observation({ reference: 'Patient/p' }, { meta: { tag } }),
    ];
    const system = 'http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication';
    for (const tag of [{ system, code: 'UNDELIVERED' }, { code: 'UNDELIVERED' }])
      expect(await send(...tagged({ system, code: 'LTS' }, tag))).toEqual(
        refusedWith(/not to be given to others/, ['Bundle.entry[1].resource.meta.tag']),
      );
    expect(await g.stored('Patient')).toBe(0);
    expect(await send(...tagged({ system, code: 'UNINFORMED' }))).toBe('taken');
    expect(await refusal(g.write('tester', { ...tagged({ system, code: 'UNDELIVERED' })[1]!, id: 'of-tester' }))).toBe('taken');
  });

  test('a tag that would hide nothing, in a contained resource, is refused', async () => {
    for (const code of ['UNINFORMED', 'UNDELIVERED']) {
      const contained = [
        { resourceType: 'Condition', id: 'c' },
        { resourceType: 'Condition', id: 'd', meta: { tag: [{ code }] } },
      ];
      expect(await send(patient('hospital-1', 'N-40', { id: 'p' }), observation({ reference: 'Patient/p' }, { contained }))).toEqual(
        refusedWith(/not in a contained one/, ['Bundle.entry[1].resource.contained[1].meta.tag']),
      );
    }
  });

  test('UNDELIVERED inside a Bundle that is stored is refused; a notice or an objection has no tag that keeps it from the patient', async () => {
    const meta = { tag: [{ code: 'UNDELIVERED' }] };
    const nested = {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ resource: patient('hospital-1', 'N-40') }, { resource: { resourceType: 'Condition', meta } }],
    };
    expect(await send(nested)).toEqual(refusedWith(/not to be given/, ['Bundle.entry[1].resource.meta.tag']));
    const told = notice('hospital-1', 'N-41', 40);
    const objected = objection({ identifier: identifierOf('hospital-1', 'N-41') });
    for (const document of [told, objected]) {
      const hidden = { ...document, meta: { tag: [{ code: 'UNINFORMED' }] } };
      expect(await send(hidden)).toEqual(refusedWith(/not kept from the patient/));
      expect(await send(document)).toBe('taken');
    }
  });

  test('two numbers of its own, or none: refused', async () => {
    await g.write('hospital-1', notice('hospital-1', 'N-41', 40));
    const both = patient('hospital-1', 'N-40', { identifier: [identifierOf('hospital-1', 'N-40'), identifierOf('hospital-1', 'N-41')] });
    expect(await send(both)).toEqual(refusedWith(/exactly one/));
    expect(await send({ resourceType: 'Patient' })).toEqual(refusedWith(/exactly one/));
    expect(
      await send(patient('hospital-1', 'N-40', { identifier: [identifierOf('hospital-1', 'N-40'), identifierOf('hospital-2', 'X')] })),
    ).toBe('taken');
  });
});

describe('smuggling', () => {
  const eCS = 'http://jpfhir.jp/fhir/eCS/Idsystem/JP_Hospital_PatientID';
  const hidden = { resourceType: 'Patient', id: 'h', identifier: [identifierOf('hospital-1', 'N-0')] };
  const mine = { reference: 'Patient/p' };
  beforeEach(() => g.write('hospital-1', ...one()));

  test.each<[string, AnyResource, RegExp]>([
    ['a subject by identifier', observation({ identifier: identifierOf('hospital-1', 'N-0') }), /not here/],
    ['… in full width', observation({ identifier: { ...identifierOf('hospital-1', 'Ｎ－０') } }), /not here/],
    ['… in the URL form', observation({ identifier: { system: eCS, value: 'N-0' } }), /not here/],
    ['… as an OID', observation({ identifier: { system: numberSystem('hospital-1').slice('urn:oid:'.length), value: 'N-0' } }), /not here/],
    ['… beside a cleared reference', observation({ ...mine, identifier: identifierOf('hospital-1', 'N-0') }), /not here/],
    ['… without a system', observation({ identifier: { value: 'N-40' } }), /cannot be resolved/],
    [
      'an identifier as performer, said to be an Organization',
      observation(mine, { performer: [{ type: 'Organization', identifier: identifierOf('hospital-1', 'N-0') }] }),
      /not here/,
    ],
    [
      'an identifier in an extension',
      observation(mine, { extension: [{ url: 'x', valueReference: { identifier: identifierOf('hospital-1', 'N-0') } }] }),
      /not here/,
    ],
    ['a contained Patient', observation({ reference: '#h' }, { contained: [hidden] }), /no notice/],
    ['a contained Patient that nobody refers to', observation(mine, { contained: [hidden] }), /no notice/],
    [
      'a contained RelatedPerson who is a patient',
      observation(mine, {
        contained: [{ resourceType: 'RelatedPerson', id: 'r', patient: mine, identifier: [identifierOf('hospital-1', 'N-0')] }],
      }),
      /not here/,
    ],
    ['a Patient.link', patient('hospital-1', 'N-40', { id: 'p', link: [{ other: { reference: 'Patient/nobody' } }] }), /not here/],
    [
      'a Group member',
      {
        resourceType: 'Group',
        type: 'person',
        actual: true,
        member: [{ entity: mine }, { entity: { identifier: identifierOf('hospital-1', 'N-0') } }],
      },
      /not here/,
    ],
    ['a List entry', { resourceType: 'List', subject: mine, entry: [{ item: { reference: 'Patient/nobody' } }] }, /not here/],
    [
      'a nested Bundle',
      { resourceType: 'Bundle', type: 'collection', entry: [{ resource: observation(mine) }, { resource: hidden }] },
      /no notice/,
    ],
    [
      'Parameters in a nested Bundle',
      {
        resourceType: 'Bundle',
        type: 'collection',
        entry: [{ resource: { resourceType: 'Parameters', parameter: [{ name: 'x', part: [{ name: 'y', resource: hidden }] }] } }],
      },
      /no notice/,
    ],
    ['a reference to a patient who is not here', observation({ reference: 'Patient/nobody' }), /not here/],
    ['a RelatedPerson who is not here', observation(mine, { performer: [{ reference: 'RelatedPerson/nobody' }] }), /not here/],
    ['a patient on another server', observation({ reference: 'https://other.test/fhir/Patient/p' }), /cannot be resolved/],
    ['criteria', observation({ reference: 'Patient?identifier=N-40' }), /cannot be resolved/],
    ['an open urn', observation({ reference: 'urn:uuid:00000000-0000-4000-8000-000000000000' }), /cannot be resolved/],
    ['nobody', observation(undefined), /says which patient/],
    ['a display alone', observation({ display: '山田 太郎' }), /says which patient/],
    ['a Device', observation({ reference: 'Device/1' }), /says which patient/],
    ['a Group as subject', observation({ reference: 'Group/1' }), /says which patient/],
  ])('%s', async (_, resource, text) => {
    const before = await g.stored(resource.resourceType);
    expect(await send(resource)).toEqual(refusedWith(text));
    expect(await g.stored(resource.resourceType)).toBe(before);
  });

  test.each<[string, AnyResource]>([
    ['a subject by identifier, of a patient who is here', observation({ identifier: identifierOf('hospital-1', 'N-40') })],
    ['… in full width and the URL form', observation({ identifier: { system: eCS, value: 'Ｎ－４０' } })],
    [
      'a contained Patient who is cleared',
      observation({ reference: '#h' }, { contained: [{ ...hidden, identifier: [identifierOf('hospital-1', 'N-40')] }] }),
    ],
    ['a RelatedPerson of a cleared patient', { resourceType: 'RelatedPerson', id: 'r', patient: mine }],
    [
      'a practitioner by a number of the practitioner’s',
      observation(mine, { performer: [{ identifier: { system: 'urn:oid:1.2.392.100495.20.3.41.11319999991', value: '7' } }] }),
    ],
    ['what is about nobody', { resourceType: 'Organization', name: 'x' }],
    ['a Binary that belongs to a cleared patient', { resourceType: 'Binary', contentType: 'text/plain', securityContext: mine }],
  ])('taken: %s', async (_, resource) => expect(await send(resource)).toBe('taken'));

  test('a Binary that belongs to nobody may hold anybody’s data, and is refused', async () => {
    expect(await send({ resourceType: 'Binary', contentType: 'text/plain', data: 'eA==' })).toEqual(refusedWith(/which patient/));
    expect(
      await send({ resourceType: 'Binary', contentType: 'text/plain', securityContext: { reference: 'DocumentReference/x' } }),
    ).toEqual(refusedWith(/which patient/));
  });

  test('a member ID leads to the patient who has it', async () => {
    const member = { system: 'http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID', value: '06139463:あいう:１８７:05' };
    expect(await send(observation({ identifier: member }))).toEqual(refusedWith(/not here/));
    await g.write('hospital-1', patient('hospital-1', 'N-40', { id: 'p', identifier: [identifierOf('hospital-1', 'N-40'), member] }));
    expect(await send(observation({ identifier: member }))).toBe('taken');
  });

  test('the same value of another system leads to nobody', async () => {
    await g.write(
      'hospital-1',
      patient('hospital-1', 'N-40', { id: 'p', identifier: [identifierOf('hospital-1', 'N-40'), { system: 'urn:ward', value: 'N-0' }] }),
    );
    expect(await send(observation({ identifier: identifierOf('hospital-1', 'N-0') }))).toEqual(refusedWith(/not here/));
    expect(await send(observation({ identifier: { system: 'urn:ward', value: 'N-0' } }))).toBe('taken');
  });

  test('another institution’s patient is, to the letter, one who is not here', async () => {
    await g.write('hospital-2', notice('hospital-2', 'N-9', 40));
    const never = await refusal(g.write('hospital-2', observation({ reference: 'Patient/nobody' })));
    expect(await refusal(g.write('hospital-2', observation({ reference: 'Patient/p' })))).toEqual(never);
    expect(never).toEqual(refusedWith(/not here/));
  });

  test('an update that moves a resource to another patient is judged for both', async () => {
    await g.write('hospital-1', notice('hospital-1', 'N-41', 40));
    await g.write('hospital-1', ...one('hospital-1', 'N-41', 'q').map((r, n) => (n === 0 ? r : { ...r, id: 'o' })));
    await g.write('hospital-1', objection({ identifier: identifierOf('hospital-1', 'N-41') }));
    expect(await send(observation({ reference: 'Patient/p' }, { id: 'o' }))).toEqual(refusedWith(/objected/));
    expect(await send(patient('hospital-1', 'N-0', { id: 'p' }))).toEqual(refusedWith(/no notice/));
  });

  test('a patient that the same request deletes is not here', async () => {
    const deletion = { method: 'delete', type: 'Patient', id: 'p', expression: 'Bundle.entry[0].resource' } as const;
    const created = {
      method: 'create',
      type: 'Observation',
      id: 'x',
      resource: observation({ reference: 'Patient/p' }),
      expression: 'Bundle.entry[1].resource',
    } as const;
    expect(await refusal(g.gate(agent('hospital-1'), [deletion, created]))).toEqual(refusedWith(/not here/, ['Bundle.entry[1].resource']));
  });

  test.each<[string, AnyResource]>([
    ['contained', { resourceType: 'Practitioner', contained: [{ ...patient('hospital-1', 'N-0'), id: 'p' }] }],
    ['by reference', { resourceType: 'Organization', extension: [{ url: 'urn:x', valueReference: { reference: 'Patient/n0' } }] }],
    ['by number', { resourceType: 'PractitionerRole', identifier: [identifierOf('hospital-1', 'N-0')] }],
  ])('what all institutions read names no patient, a cleared one neither: %s', async (_, resource) => {
    await g.write('hospital-1', notice('hospital-1', 'N-0', 40), patient('hospital-1', 'N-0', { id: 'n0' }));
    expect(await send(observation({ reference: 'Patient/n0' }))).toBe('taken');
    expect(await send(resource)).toEqual(refusedWith(/all institutions read/));
  });

  test('an institution without a number system on record sends nothing about patients', async () => {
    const unknown = { ...agent('hospital-1'), agent: { ...agent('hospital-1').agent, sender: 'Organization/unknown' } };
    expect(await refusal(g.write(unknown, observation({ reference: 'Patient/p' })))).toEqual(refusedWith(/no patient number system/));
  });
});

describe('notices', () => {
  const places = async (resource: AnyResource, client = 'hospital-1') => {
    const answer = await refusal(g.ask(client, resource));
    return answer === 'taken' ? answer : [answer.status, ...answer.places];
  };
  test.each<[string, object, string]>([
    ['not completed', { status: 'in-progress' }, 'status'],
    ['without a day', { sent: undefined }, 'sent'],
    ['a month is no day', { sent: '2026-05' }, 'sent'],
    ['on a day to come', { sent: '2026-06-16' }, 'sent'],
    ['without a sender', { sender: undefined }, 'sender'],
    ['in another institution’s name', { sender: { reference: 'Organization/hospital-2' } }, 'sender'],
    ['without a subject', { subject: undefined }, 'subject'],
    ['to another institution’s number', { subject: { identifier: identifierOf('hospital-2', 'N-0') } }, 'subject'],
    [
      'to a number of the insurer’s',
      { subject: { identifier: { system: 'urn:oid:1.2.392.100495.20.3.61', value: '1' } } },
      'subject.identifier',
    ],
    ['to a patient who is not here', { subject: { reference: 'Patient/nobody' } }, 'subject.reference'],
    ['to two patients', { subject: { reference: 'Patient/p', identifier: identifierOf('hospital-1', 'N-0') } }, 'subject.identifier'],
  ])('%s: refused', async (_, more, element) => {
    await g.write('hospital-1', patient('hospital-1', 'N-40', { id: 'p' }));
    expect(await places(notice('hospital-1', 'N-0', 40, more))).toEqual([422, `Communication.${element}`]);
  });

  test('the day alone counts from its start in Tokyo', async () => {
    await g.write('hospital-1', notice('hospital-1', 'N-1', 0, { sent: '2026-05-15' }));
    expect(await send(patient('hospital-1', 'N-1'))).toBe('taken');
    await g.write('hospital-1', notice('hospital-1', 'N-2', 0, { sent: '2026-05-16' }));
    expect(await send(patient('hospital-1', 'N-2'))).toEqual(refusedWith(/too young/));
  });

  test('one entered in error, deleted or turned into something else clears nobody any more', async () => {
    for (const undo of [
      (id: string) => g.write('hospital-1', notice('hospital-1', 'N-1', 40, { id, status: 'entered-in-error' })),
      (id: string) => g.remove('hospital-1', 'Communication', id),
      (id: string) => g.write('tester', notice('hospital-1', 'N-1', 40, { id })),
    ]) {
      const [id] = await g.write('hospital-1', notice('hospital-1', 'N-1', 40));
      expect(await refusal(g.ask('hospital-1', patient('hospital-1', 'N-1')))).toBe('taken');
      await undo(id!);
      expect(await refusal(g.ask('hospital-1', patient('hospital-1', 'N-1')))).toEqual(refusedWith(/no notice/));
    }
  });

  test('a tester’s notice clears nobody; the operator’s, for an institution, does', async () => {
    await g.write('tester', notice('hospital-1', 'N-1', 40));
    expect(await send(patient('hospital-1', 'N-1'))).toEqual(refusedWith(/no notice/));
    await g.write('operator', notice('hospital-1', 'N-1', 40));
    expect(await send(patient('hospital-1', 'N-1'))).toBe('taken');
  });

  test('an ordinary Communication goes the way of all data', async () => {
    const ordinary = { ...notice('hospital-1', 'N-0', 40), category: [{ text: 'reminder' }] };
    expect(await send(ordinary)).toEqual(refusedWith(/not here/));
  });

  test('what takes the place of a notice is data like all', async () => {
    const [id] = await g.write('hospital-1', notice('hospital-1', 'N-0', 40));
    const reminder = { ...notice('hospital-1', 'N-0', 40), id: id!, category: [{ text: 'reminder' }], payload: [{ contentString: 'x' }] };
    for (const who of ['N-0', 'N-9'])
      expect(await send({ ...reminder, subject: { identifier: identifierOf('hospital-1', who) } })).toEqual(refusedWith(/not here/));
  });

  test('a tester’s notice is data like all, and objections bind it', async () => {
    await g.write('hospital-1', objection({ identifier: identifierOf('hospital-1', 'N-0') }));
    expect(await refusal(g.write('tester', notice('hospital-1', 'N-0', 40)))).toEqual(refusedWith(/objected/));
  });

  const inner = { ...patient('hospital-1', 'N-9'), id: 'p' };
  test.each<[string, object]>([
    ['a contained Patient', { contained: [inner], recipient: [{ reference: '#p' }] }],
    ['a contained Observation', { contained: [{ ...observation({ identifier: identifierOf('hospital-1', 'N-0') }), id: 'o' }] }],
    ['another patient’s number', { recipient: [{ identifier: identifierOf('hospital-1', 'N-9') }] }],
    ['a patient who is not here', { payload: [{ contentReference: { reference: 'Patient/nobody' } }] }],
    ['a diagnosis', { reasonCode: [{ text: 'x' }] }],
    ['an encounter', { encounter: { reference: 'Encounter/1' } }],
    ['what it is about', { about: [{ reference: 'Observation/1' }] }],
  ])('nothing travels with a notice: %s', async (_, more) => {
    const answer = { status: 422 };
    expect(await send(notice('hospital-1', 'N-0', 40, more))).toMatchObject(answer);
    expect(await refusal(g.write('operator', notice('hospital-1', 'N-0', 40, more)))).toMatchObject(answer);
    const [id] = await g.write('hospital-1', notice('hospital-1', 'N-0', 40));
    expect(await send(notice('hospital-1', 'N-0', 40, { id, status: 'entered-in-error', ...more }))).toMatchObject(answer);
  });

  test('a notice says to whom it was handed: the patient, under any form of the number, or a guardian', async () => {
    const recipient = [{ identifier: { system: numberSystem('hospital-1').slice('urn:oid:'.length), value: 'Ｎ-0' } }];
    expect(await send(notice('hospital-1', 'N-0', 40, { recipient }))).toBe('taken');
    expect(await send(notice('hospital-1', 'N-0', 40, { recipient: [{ reference: 'RelatedPerson/mother' }] }))).toBe('taken');
  });

  test('a tester needs none', async () => expect(await refusal(g.write('tester', ...one('hospital-2', 'N-0', 'x')))).toBe('taken'));
});

test('the race: an objection between the gate’s judgement and the commit wins', async () => {
  const resource = patient('hospital-1', 'N-40', { id: 'p' });
  const proposal = { method: 'create', type: 'Patient', id: 'p', resource, expression: 'Patient' } as const;
  const verdict = await g.gate(agent('hospital-1'), [proposal]);
  await g.write('hospital-1', objection({ identifier: identifierOf('hospital-1', 'N-40') }));
  const commit = g.store.commit({
    writes: [{ type: 'Patient', id: 'p', resource, expect: 'absent', sender: 'Organization/hospital-1' }],
    ...verdict,
  });
  expect(await refusal(commit)).toEqual(refusedWith(/objected/, ['Patient']));
  expect(await g.stored('Patient')).toBe(0);
});

test('the race, both at once and many times: never data of somebody whose objection stood before them', async () => {
  for (let k = 0; k < 25; k++) {
    await g.write('hospital-1', notice('hospital-1', `R-${k}`, 40));
    const data = () => refusal(g.write('hospital-1', patient('hospital-1', `R-${k}`)));
    const [a, , b] = await Promise.all([
      data(),
      g.write('hospital-1', objection({ identifier: identifierOf('hospital-1', `R-${k}`) })),
      data(),
    ]);
    // In the order of their commits: what came behind the objection was refused.
    if (a !== 'taken') expect(b).not.toBe('taken');
    expect(await data()).toEqual(refusedWith(/objected/));
  }
});

test('the clock of the commit counts, and the wait ends by itself', async () => {
  await g.write('hospital-1', notice('hospital-1', 'N-30', 30));
  expect(await send(patient('hospital-1', 'N-30'))).toEqual(refusedWith(/too young/));
  g.at(noon + day);
  expect(await send(patient('hospital-1', 'N-30'))).toBe('taken');
});

test('a researcher writes nothing', async () =>
  expect(await refusal(g.write('researcher-1', observation(undefined)))).toMatchObject({ status: 403 }));
