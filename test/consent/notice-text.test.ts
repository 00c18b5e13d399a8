// docs/consent.md ("Text of a notice", "Filing", "Told again"); https://hl7.org/fhir/R4/questionnaire.html, https://hl7.org/fhir/R4/communication-definitions.html#Communication.instantiatesCanonical
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { fillText } from '../../src/consent/notice-text.ts';
import type { AnyResource, Json } from '../../src/fhir/model/r4.ts';
import { validate } from '../../src/fhir/profile/validate.ts';
import { type Ground, type GroundSettings, noon, notice, openGround, patient, refusal } from './ground.ts';

const template = JSON.parse(
  readFileSync(new URL('../../profiles/Questionnaire-notice-text-template.json', import.meta.url), 'utf8'),
) as AnyResource;
const url = 'https://h1.example/notice';
const both = (ja: string, en: string) => ({ ja, en });
const text = (version = '1', more: object = {}, representative = '山田'): AnyResource => ({
  ...fillText(
    template,
    {
      'institution-name': both('病院', 'Hospital'),
      'institution-address': both('東京', 'Tokyo'),
      'institution-representative': both(representative, representative),
      operator: both('事業者', 'Operator'),
    },
    { id: `text-${version}`, url, version, date: '2026-01-01' },
  ),
  ...more,
});
const named = (version: string) => ({ instantiatesCanonical: [`${url}|${version}`] });
const item = (resource: AnyResource, linkId: string, change: (one: Json) => Json | undefined): AnyResource => ({
  ...resource,
  item: (resource['item'] as Json[]).flatMap(one => (one['linkId'] === linkId ? (change(one) ?? []) : one)) as unknown as Json[],
});

let g: Ground;
const open = async (settings: GroundSettings = {}) => {
  g = await openGround(settings);
};
afterEach(() => g.close());
const send = (...resources: AnyResource[]) => refusal(g.write('hospital-1', ...resources));
const refusedWith = (words: RegExp, place?: string) =>
  expect.objectContaining({
    texts: expect.arrayContaining([expect.stringMatching(words)]),
    ...(place === undefined ? {} : { places: expect.arrayContaining([place]) }),
  });

describe('text of a notice', () => {
  beforeEach(() => open());

  test('the template, filled in, is valid R4 and taken', async () => {
    expect(validate(text())).toEqual([]);
    expect(await send(text())).toBe('taken');
  });
  test.each((template['item'] as Json[]).map(one => String(one['linkId'])))('without %s: refused, and it is named', async linkId => {
    const place = `Questionnaire.item.where(linkId='${linkId}')`;
    expect(await send(item(text(), linkId, () => undefined))).toEqual(refusedWith(new RegExp(linkId), place));
    expect(await send(item(text(), linkId, ({ _text: _, ...one }) => one))).toEqual(refusedWith(/in English/, place));
    expect(await send(item(text(), linkId, one => ({ ...one, text: ' ' })))).toEqual(refusedWith(/in Japanese/, place));
  });
  test('a blank that is not filled in: refused', async () =>
    expect(await send({ ...template, id: 'x', status: 'active' })).toEqual(refusedWith(/blank/)));
  test('a draft may be anything', async () => expect(await send(text('1', { status: 'draft', item: [] }))).toBe('taken'));
  test('in use it changes no more: 409; it may retire; it is not deleted', async () => {
    await send(text());
    expect(await send(item(text(), 'how-to-ask', one => ({ ...one, text: '別の文' })))).toMatchObject({ status: 409 });
    expect(await send(text('1', { meta: {} }))).toMatchObject({ status: 409 });
    expect(await refusal(g.remove('hospital-1', 'Questionnaire', 'text-1'))).toMatchObject({ status: 409 });
    expect(await send(text('1', { status: 'retired' }))).toBe('taken');
    expect(await send(text('1'))).toMatchObject({ status: 409 });
  });
  test('two texts of one url and version: refused', async () => {
    await send(text());
    expect(await send({ ...text(), id: 'other' })).toEqual(refusedWith(/another text/));
  });
  test('it names no patient', async () =>
    expect(await send(text('1', { extension: [{ url: 'http://e', valueReference: { reference: 'Patient/p' } }] }))).not.toBe('taken'));
});

describe('the version that a notice names', () => {
  test('a known one is taken, an unknown one refused', async () => {
    await open();
    await send(text());
    expect(await send(notice('hospital-1', '1', 40, named('1')))).toBe('taken');
    expect(await send(notice('hospital-1', '1', 40, named('2')))).toEqual(refusedWith(/on record/, 'Communication.instantiatesCanonical'));
    expect(await send(notice('hospital-1', '1', 40, { instantiatesCanonical: [url] }))).toEqual(refusedWith(/on record/));
    expect(await send(notice('hospital-1', '1', 40, { instantiatesCanonical: [`${url}|1`, `${url}|1`] }))).toEqual(refusedWith(/one text/));
  });
  test('another institution’s text, or a draft, is not to be named; one of the operator is', async () => {
    await open();
    await g.write('hospital-2', text('1'));
    await send(text('2', { status: 'draft' }));
    await g.write('operator', text('3'));
    expect(await send(notice('hospital-1', '1', 40, named('1')))).toEqual(refusedWith(/on record/));
    expect(await send(notice('hospital-1', '1', 40, named('2')))).toEqual(refusedWith(/on record/));
    expect(await send(notice('hospital-1', '1', 40, named('3')))).toBe('taken');
  });
  test('without one: taken, and refused where a version is required', async () => {
    await open();
    expect(await send(notice('hospital-1', '1', 40))).toBe('taken');
    await g.close();
    await open({ noticeVersionRequired: true });
    expect(await send(notice('hospital-1', '1', 40))).toEqual(refusedWith(/names the version/, 'Communication.instantiatesCanonical'));
  });
});

describe('filing', () => {
  const part = (name: string, value: object): { url: string } => ({ url: name, ...value });
  const filing = (more: { url: string }[] = [], without?: string) => ({
    url: 'https://noren.example/fhir/StructureDefinition/notice-filing',
    extension: [
      part('number', { valueString: '2026-17' }),
      part('filed', { valueDate: '2026-03-01' }),
      part('operator', { valueReference: { display: 'Operator' } }),
      part('noticeText', { valueCanonical: `${url}|1` }),
    ]
      .filter(one => one.url !== without)
      .concat(more),
  });
  const organization = (...extension: object[]): AnyResource => ({
    resourceType: 'Organization',
    id: 'hospital-1',
    name: 'H',
    ...(extension.length === 0 ? {} : { extension: extension as unknown as Json[] }),
  });
  const intake = () => send(patient('hospital-1', '1'));
  beforeEach(async () => {
    await open({ filingRequired: true });
    await g.write('operator', text());
    await send(notice('hospital-1', '1', 100));
  });

  test('without one: intake is refused whole, a notice is taken', async () => {
    expect(await intake()).toEqual({ status: 422, texts: [expect.stringMatching(/no filing/)], places: ['Patient'] });
    expect(await send({ resourceType: 'Practitioner' })).toEqual(refusedWith(/no filing/));
    expect(await g.stored('Patient')).toBe(0);
    await g.write('operator', organization());
    expect(await intake()).toEqual(refusedWith(/no filing/));
  });
  test('with one: taken', async () => {
    await g.write('operator', organization(filing()));
    expect(await intake()).toBe('taken');
  });
  test.each<[string, object, boolean]>([
    ['ended yesterday', { end: '2026-06-14' }, false],
    ['ends today', { end: '2026-06-15' }, true],
    ['begins today', { start: '2026-06-15' }, true],
    ['begins tomorrow', { start: '2026-06-16' }, false],
  ])('one that %s', async (_, valuePeriod, holds) => {
    await g.write('operator', organization(filing([part('period', { valuePeriod })])));
    expect((await intake()) === 'taken').toBe(holds);
  });
  test('one that was made on a day to come, or names a text that is not here: none', async () => {
    await g.write('operator', organization(filing([part('filed', { valueDate: '2026-06-16' })], 'filed')));
    await g.write('operator', organization(filing([part('noticeText', { valueCanonical: `${url}|9` })], 'noticeText')));
    expect(await intake()).toEqual(refusedWith(/no filing/));
  });
  test.each(['number', 'filed', 'operator', 'noticeText'])('without %s: it is not taken', async name =>
    expect(await refusal(g.write('operator', organization(filing([], name))))).toEqual(
      refusedWith(new RegExp(name), 'Organization.extension'),
    ),
  );
  test('an institution neither writes, changes nor removes one', async () => {
    expect(await send(organization(filing()))).toMatchObject({ status: 403 });
    await g.write('operator', organization(filing()));
    expect(await send(organization())).toMatchObject({ status: 403 });
    expect(await refusal(g.remove('hospital-1', 'Organization', 'hospital-1'))).toMatchObject({ status: 403 });
  });
  test('not asked for where the setting is off', async () => {
    await g.close();
    await open();
    await send(notice('hospital-1', '1', 100));
    expect(await intake()).toBe('taken');
  });
});

describe('told again', () => {
  const asks = { extension: [{ url: 'https://noren.example/fhir/StructureDefinition/notice-text-renotice', valueBoolean: true }] };
  const begin = async (...texts: AnyResource[]) => {
    await open({ renotice: { onRepresentative: true } });
    await send(text('1'));
    await send(notice('hospital-1', '1', 100, named('1')), notice('hospital-1', '2', 100));
    for (const one of texts) await send(one);
  };
  const states = async () => [await send(patient('hospital-1', '1')), await send(patient('hospital-1', '2'))];
  const again = refusedWith(/told again/);

  test('a version that asks: who was told under an older one, or before its day, waits', async () => {
    await begin(text('2', { date: '2026-05-01', ...asks }));
    expect(await states()).toEqual([again, again]);
    await send(notice('hospital-1', '1', 40, named('2')), notice('hospital-1', '2', 20, named('2')));
    expect(await states()).toEqual(['taken', refusedWith(/too young/)]);
  });
  test('another representative asks, a correction does not', async () => {
    await begin(text('2', { date: '2026-05-01' }));
    expect(await states()).toEqual(['taken', 'taken']);
    await send(text('3', { date: '2026-05-02' }, '鈴木'));
    expect(await states()).toEqual([again, again]);
  });
  test('a version of a day to come asks nobody yet', async () => {
    await begin(text('2', { date: '2026-06-16', ...asks }));
    expect(await states()).toEqual(['taken', 'taken']);
    g.at(noon + 86_400_000);
    expect(await states()).toEqual([again, again]);
  });
  test('by default nobody waits for it', async () => {
    await open();
    await send(text('1'));
    await send(notice('hospital-1', '1', 100, named('1')));
    await send(text('2', { date: '2026-05-01', ...asks }));
    expect(await send(patient('hospital-1', '1'))).toBe('taken');
  });
});
