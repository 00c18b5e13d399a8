// docs/consent.md: who is told together with a guardian, and who is told again when grown up; ages in days of Asia/Tokyo.
import { afterEach, describe, expect, test } from '@jest/globals';
import { ageOn } from '../../src/consent/guardian.ts';
import { type Ground, type GroundSettings, identifierOf, noon, notice, observation, openGround, patient, refusal } from './ground.ts';

let g: Ground;
afterEach(() => g?.close());
const open = async (guardian: GroundSettings['guardian'] = { requiredUnderAge: 16, renoticeAtAge: 0 }) => {
  g = await openGround({ guardian: guardian! });
};
const heardBy = (...codes: string[]) => ({
  extension: codes.map(valueCode => ({ url: 'https://noren.example/fhir/StructureDefinition/notice-recipient', valueCode })),
});
const told = (number: string, daysAgo: number, ...codes: string[]) =>
  g.write('hospital-1', notice('hospital-1', number, daysAgo, codes.length === 0 ? {} : heardBy(...codes)));
const send = (number: string, birthDate?: string, more: object = {}) =>
  refusal(g.write('hospital-1', patient('hospital-1', number, { ...(birthDate === undefined ? {} : { birthDate }), ...more })));
const missing = expect.objectContaining({
  status: 422,
  texts: ['This is about a patient who was under age when told, and no guardian was told too.'],
});
const again = expect.objectContaining({ status: 422, texts: [expect.stringMatching(/has to be told again/)] });

test.each([
  ['2010-06-15', '2026-06-14', 15],
  ['2010-06-15', '2026-06-15', 16],
  ['2012-02-29', '2028-02-28', 15],
  ['2012-02-29', '2027-02-28', 14],
  ['2012-02-29', '2027-03-01', 15],
  ['2010-06', '2026-06-29', 15],
  ['2010', '2026-12-30', 15],
  ['2010', '2026-12-31', 16],
  ['about 2010', '2026-12-31', undefined],
])('who was born on %s is, on %s, %s', (birthDate, date, age) => {
  expect(ageOn(birthDate, date)).toBe(age);
});

describe('under 16 on the day of the notice', () => {
  test('a notice that says nothing of a guardian does not count; one that does, does', async () => {
    await open();
    await told('C', 40);
    expect(await send('C', '2015-01-01')).toEqual(missing);
    await told('C', 40, 'patient', 'bereaved-family');
    expect(await send('C', '2015-01-01')).toEqual(missing);
    await told('C', 40, 'patient', 'guardian');
    expect(await send('C', '2015-01-01')).toBe('taken');
    await told('D', 40, 'person-with-parental-authority');
    expect(await send('D', '2015-01-01')).toBe('taken');
  });

  test('the day of the notice decides, not that of the intake', async () => {
    await open();
    await told('C', 40);
    // 40 days before 15 June 2026 is 6 May.
    expect(await send('C', '2010-05-07')).toEqual(missing);
    expect(await send('C', '2010-05-06')).toBe('taken');
  });

  test('the wait is that of the notice which counts', async () => {
    await open();
    await told('C', 40);
    await told('C', 5, 'guardian');
    expect(await send('C', '2015-01-01')).toEqual(expect.objectContaining({ texts: [expect.stringMatching(/too young/)] }));
  });

  test('a birth date that nobody knows counts as old enough', async () => {
    await open();
    await told('C', 40);
    expect(await send('C')).toBe('taken');
  });

  test('a resource that names a child here by reference is judged alike; so is a child contained in it', async () => {
    await open();
    await told('C', 40, 'guardian');
    expect(await send('C', '2015-01-01', { id: 'c' })).toBe('taken');
    expect(await refusal(g.write('hospital-1', observation({ reference: 'Patient/c' })))).toBe('taken');
    await told('D', 40);
    const child = { ...patient('hospital-1', 'D', { birthDate: '2015-01-01' }), id: 'kid' };
    expect(await refusal(g.write('hospital-1', observation({ reference: '#kid' }, { contained: [child] })))).toEqual(missing);
  });

  test('a second record under the number of a child that is here is a child’s, whether it says so or not', async () => {
    await open();
    await told('C', 40, 'guardian');
    expect(await send('C', '2015-01-01', { id: 'c' })).toBe('taken');
    const [notice] = (await g.store.lines([`${identifierOf('hospital-1', 'C').system}|C`])).map(line => line.source.split('/')[1]!);
    await g.remove('hospital-1', 'Communication', notice!);
    await told('C', 40);
    expect(await send('C', undefined, { id: 'd' })).toEqual(missing);
  });

  test('a correction of the birth date counts as corrected', async () => {
    await open();
    await told('C', 40);
    expect(await send('C', '1980-01-01', { id: 'c' })).toBe('taken');
    expect(await send('C', '2015-01-01', { id: 'c' })).toEqual(missing);
    expect(await send('C', undefined, { id: 'c' })).toBe('taken');
  });

  test('0 switches it off', async () => {
    await open({ requiredUnderAge: 0, renoticeAtAge: 0 });
    await told('C', 40);
    expect(await send('C', '2015-01-01')).toBe('taken');
  });

  test('a notice in the same request is judged by what it says', async () => {
    await open();
    const child = patient('hospital-1', 'C', { birthDate: '2015-01-01' });
    expect(await refusal(g.write('hospital-1', notice('hospital-1', 'C', 40), child))).toEqual(missing);
    expect(await refusal(g.write('hospital-1', notice('hospital-1', 'C', 40, heardBy('guardian')), child))).toBe('taken');
  });
});

describe('grown up since', () => {
  const rule = { requiredUnderAge: 16, renoticeAtAge: 16 };
  test('told through a guardian alone, and 16 by now: told again; told himself too: not', async () => {
    await open(rule);
    await told('C', 100, 'guardian');
    expect(await send('C', '2010-06-15')).toEqual(again);
    expect(await send('C', '2010-06-16')).toBe('taken');
    await told('D', 100, 'patient', 'guardian');
    expect(await send('D', '2010-06-15')).toBe('taken');
  });

  test('an adult without capacity, told through a guardian, was never too young: nothing changes', async () => {
    await open(rule);
    await told('C', 100, 'guardian');
    expect(await send('C', '1950-01-01')).toBe('taken');
  });

  test('it is off by default', async () => {
    await open();
    await told('C', 100, 'guardian');
    expect(await send('C', '2010-06-15')).toBe('taken');
  });
});

test('who has died: a notice to the bereaved family counts, and death changes nothing', async () => {
  await open();
  await told('C', 40, 'bereaved-family');
  expect(await send('C', '1940-01-01', { deceasedDateTime: '2026-06-01' })).toBe('taken');
});

test('a channel or a recipient of an unknown code: 422, each place named', async () => {
  await open();
  const medium = (code: string) => [{ coding: [{ system: 'https://noren.example/fhir/CodeSystem/notice-channel', code }] }];
  const wrong = notice('hospital-1', 'C', 40, { ...heardBy('patient', 'neighbour'), medium: medium('rumour') });
  expect(await refusal(g.write('hospital-1', wrong))).toMatchObject({
    status: 422,
    places: ['Communication.medium', 'Communication.extension'],
  });
  expect(await refusal(g.write('hospital-1', notice('hospital-1', 'C', 40, { medium: medium('tablet') })))).toBe('taken');
  const other = [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationMode', code: 'WRITTEN' }] }];
  expect(await refusal(g.write('hospital-1', notice('hospital-1', 'C', 39, { medium: other })))).toBe('taken');
  expect((await g.store.lines([`${identifierOf('hospital-1', 'C').system}|C`])).map(line => line.from < noon)).toEqual([true, true]);
});
