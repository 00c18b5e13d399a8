// docs/operation/expand.md, https://hl7.org/fhir/R4/valueset-operation-expand.html: a code system as large as ICD-10, over HTTP
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ValueSet } from '@medplum/fhirtypes';
import { classification } from '../../src/generate/classification.ts';
import { openWhole, type Whole } from '../http/whole.ts';
import { values } from './terminology-ground.ts';

const url = 'http://example.org/classification';
let whole: Whole;
let storedMs = 0;
beforeAll(async () => {
  whole = await openWhole();
  const began = performance.now();
  const { status, text } = await whole.ask('PUT', 'CodeSystem/large', { body: { ...classification(url), id: 'large' } });
  if (status !== 201) throw new Error(text);
  storedMs = performance.now() - began;
}, 60_000);
afterAll(() => whole.close());

const expand = async (query: string) => {
  const told = await whole.ask('GET', `ValueSet/$expand?url=${encodeURIComponent(`${url}?fhir_vs`)}${query}`);
  return { status: told.status, expansion: (told.json as unknown as ValueSet).expansion! };
};

test('stored in seconds; a page is there in well under a second, later ones in much less', async () => {
  expect(storedMs).toBeLessThan(5000);
  const timed = async (query: string) => {
    const began = performance.now();
    await expand(query);
    return performance.now() - began;
  };
  expect(await timed('&count=20')).toBeLessThan(2000);
  await timed('&count=20&filter=x');
  const later = [];
  for (let n = 0; n < 10; n++) later.push(await timed(`&count=20&filter=${encodeURIComponent('胃 炎症')}&offset=${n}`));
  expect(later.sort((a, b) => a - b)[5]).toBeLessThan(100);
});

test('pages have a true total, and together are all of it', async () => {
  const codes = new Set<string>();
  for (let offset = 0; offset < 12_020; offset += 5000) {
    const { expansion } = await expand(`&count=5000&offset=${offset}`);
    expect(expansion.total).toBe(12_020);
    for (const { code } of expansion.contains!) codes.add(code!);
  }
  expect(codes.size).toBe(12_020);
  expect((await expand('')).status).toBe(422);
});

test('by words of either language, whatever their order and width', async () => {
  const japanese = await expand(`&count=5&filter=${encodeURIComponent('炎症　胃')}`);
  const english = await expand(`&count=5&filter=${encodeURIComponent('ＳＴＯＭＡＣＨ inflammation')}`);
  expect(japanese.expansion.total).toBeGreaterThan(100);
  expect(english.expansion).toMatchObject({ total: japanese.expansion.total, contains: japanese.expansion.contains });
  expect((await expand('&count=5&filter=q00.9')).expansion.contains!.map(one => one.code)).toEqual(['Q00.9']);
});

test('below a concept; and how two concepts stand to each other', async () => {
  const below = await whole.ask('GET', `ValueSet/$expand?url=${encodeURIComponent(`${url}?fhir_vs=isa/A00`)}`);
  expect((below.json as unknown as ValueSet).expansion).toMatchObject({
    total: 11,
    contains: [{ code: 'A00', contains: expect.any(Array) }],
  });
  const told = await whole.ask('GET', `CodeSystem/$subsumes?system=${url}&codeA=A&codeB=A00.1`);
  expect(values(told, 'outcome')).toEqual(['subsumes']);
});
