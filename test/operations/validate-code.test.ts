// docs/operation/validate-code.md, https://hl7.org/fhir/R4/codesystem-operation-validate-code.html, https://hl7.org/fhir/R4/valueset-operation-validate-code.html
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Told } from '../http/whole.ts';
import { openTerms, ref, system, type Terms, values } from './terminology-ground.ts';

let terms: Terms;
beforeAll(async () => {
  terms = await openTerms();
}, 60_000);
afterAll(() => terms.close());

/** result and display; or the status. */
const verdict = (told: Told) => (told.status === 200 ? [values(told, 'result')[0], values(told, 'display')[0]] : told.status);

describe('CodeSystem', () => {
  const ask = async (query: string) => verdict(await terms.get(`CodeSystem/$validate-code?${query}`));
  test('a code of it, by url or by system, or on the instance; another one is false, with a message', async () => {
    for (const name of ['url', 'system']) expect(await ask(`${name}=${system}&code=lemon`)).toEqual([true, 'Lemon']);
    expect(verdict(await terms.get('CodeSystem/fruit/$validate-code?code=lemon'))).toEqual([true, 'Lemon']);
    const none = await terms.get(`CodeSystem/$validate-code?url=${system}&code=nothing`);
    expect(verdict(none)).toEqual([false, undefined]);
    expect(values(none, 'message')[0]).toMatch(/no such code/);
  });
  test('its display: any name of it, however it is written; a wrong one is false, with the right one', async () => {
    expect(await ask(`url=${system}&code=lemon&display=LEMON`)).toEqual([true, 'Lemon']);
    expect(await ask(`url=${system}&code=lemon&display=${encodeURIComponent('レモン')}&displayLanguage=ja`)).toEqual([true, 'レモン']);
    expect(await ask(`url=${system}&code=lemon&display=Lime`)).toEqual([false, 'Lemon']);
  });
  test('abstract codes are no values where the client says so; inactive ones are told', async () => {
    expect(await ask(`url=${system}&code=citrus`)).toEqual([true, 'Citrus fruit']);
    expect(await ask(`url=${system}&code=citrus&abstract=true`)).toEqual([true, 'Citrus fruit']);
    expect(await ask(`url=${system}&code=citrus&abstract=false`)).toEqual([false, 'Citrus fruit']);
    const inactive = await terms.get(`CodeSystem/$validate-code?url=${system}&code=medlar`);
    expect([verdict(inactive), values(inactive, 'message')]).toEqual([[true, 'Medlar'], ['The code is inactive.']]);
  });
  test('codings: of this system and version; one right one of a CodeableConcept is enough', async () => {
    const post = async (...parameter: object[]) =>
      verdict(await terms.post('CodeSystem/$validate-code', [{ name: 'url', valueUri: system }, ...parameter]));
    const coding = (valueCoding: object) => post({ name: 'coding', valueCoding });
    expect(await coding({ system, code: 'lemon' })).toEqual([true, 'Lemon']);
    expect(await coding({ system: ref('other'), code: 'lemon' })).toEqual([false, undefined]);
    expect(await coding({ system, version: '1', code: 'lemon' })).toEqual([false, undefined]);
    const concept = (...list: object[]) => post({ name: 'codeableConcept', valueCodeableConcept: { coding: list } });
    expect(await concept({ system, code: 'nothing' }, { system, code: 'orange' })).toEqual([true, 'Orange']);
    expect(await concept({ system, code: 'nothing' })).toEqual([false, undefined]);
    expect(await concept()).toBe(400);
  });
  test('a code system that is sent', async () => {
    const resource = { resourceType: 'CodeSystem', status: 'draft', content: 'complete', url: ref('sent'), concept: [{ code: 'x' }] };
    const sent = (code: string) => terms.ask('POST', `CodeSystem/$validate-code?code=${code}`, { body: resource });
    expect([values(await sent('x'), 'result'), values(await sent('y'), 'result')]).toEqual([[true], [false]]);
    const part = { ...resource, content: 'fragment' };
    expect((await terms.ask('POST', 'CodeSystem/$validate-code?code=x', { body: part })).status).toBe(200);
    expect((await terms.ask('POST', 'CodeSystem/$validate-code?code=y', { body: part })).status).toBe(404);
  });
  test.each<[string, number]>([
    ['', 400],
    [`url=${system}`, 400],
    ['code=lemon', 400],
    [`url=${system}&code=lemon&system=http://example.org/other`, 400],
    [`url=${system}&code=lemon&date=2020-01-01`, 400],
    [`url=${ref('not-here')}&code=lemon`, 404],
    [`url=${system}&version=9&code=lemon`, 404],
  ])('refused: %s: %i', async (query, status) => expect(await ask(query)).toBe(status));
});

describe('ValueSet', () => {
  const ask = async (query: string) => verdict(await terms.get(`ValueSet/$validate-code?${query}`));
  test('a code in it, with its system; another one, and one of another system, is false', async () => {
    expect(await ask(`url=${ref('citrus')}&system=${system}&code=lemon`)).toEqual([true, 'Lemon']);
    expect(verdict(await terms.get(`ValueSet/citrus/$validate-code?system=${system}&code=lemon`))).toEqual([true, 'Lemon']);
    expect(await ask(`url=${ref('citrus')}&system=${system}&code=medlar`)).toEqual([false, undefined]);
    expect(await ask(`url=${ref('citrus')}&system=${system}&code=nothing`)).toEqual([false, undefined]);
    expect(await ask(`url=${ref('citrus')}&system=${ref('other')}&code=lemon`)).toEqual([false, undefined]);
    expect(await ask(`url=${ref('citrus')}&system=${system}&code=lemon&display=Lime`)).toEqual([false, 'Lemon']);
  });
  test('of the version that the coding names', async () => {
    expect(await ask(`url=${ref('all')}&system=${system}&code=yuzu&systemVersion=1`)).toEqual([false, undefined]);
    expect(await ask(`url=${ref('all')}&system=${system}&code=lemon&systemVersion=1`)).toEqual([true, 'Old lemon']);
    expect(await ask(`url=${ref('all')}&system=${system}&code=lemon&systemVersion=9`)).toBe(404);
  });
  test('where that can be said without a system that is not here; else 404', async () => {
    expect(await ask(`url=${ref('open')}&system=${system}&code=lemon`)).toEqual([true, 'Lemon']);
    expect(await ask(`url=${ref('open')}&system=${system}&code=orange`)).toEqual([false, undefined]);
    expect(await ask(`url=${ref('open')}&system=${ref('not-here')}&code=x`)).toBe(404);
    const concept = (...list: object[]) =>
      terms.post('ValueSet/open/$validate-code', [{ name: 'codeableConcept', valueCodeableConcept: { coding: list } }]);
    expect(verdict(await concept({ system: ref('not-here'), code: 'x' }, { system, code: 'lemon' }))).toEqual([true, 'Lemon']);
    expect(verdict(await concept({ system: ref('not-here'), code: 'x' }, { system, code: 'orange' }))).toBe(404);
    expect(verdict(await concept({ code: 'lemon' }))).toBe(400);
  });
  test('a value set that is sent; the specification’s own', async () => {
    const body = { resourceType: 'ValueSet', status: 'draft', compose: { include: [{ system, concept: [{ code: 'tree' }] }] } };
    expect(values(await terms.ask('POST', `ValueSet/$validate-code?system=${system}&code=tree`, { body }), 'result')).toEqual([true]);
    expect(
      await ask('url=http://hl7.org/fhir/ValueSet/administrative-gender&system=http://hl7.org/fhir/administrative-gender&code=male'),
    ).toEqual([true, 'Male']);
  });
  test.each<[string, number]>([
    ['', 400],
    [`url=${ref('citrus')}&code=lemon`, 400],
    [`system=${system}&code=lemon`, 400],
    [`url=${ref('citrus')}&system=${system}&code=lemon&context=x`, 400],
    [`url=${ref('nothing')}&system=${system}&code=lemon`, 404],
    [`url=${ref('ring')}&system=${system}&code=lemon`, 422],
  ])('refused: %s: %i', async (query, status) => expect(await ask(query)).toBe(status));
});
