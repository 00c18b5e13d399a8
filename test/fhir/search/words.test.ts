// https://hl7.org/fhir/R4/search.html#content
import { describe, expect, test } from '@jest/globals';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import { matchesWords, readTextQuery, searchable } from '../../../src/fhir/search/words.ts';
import { cpuTime } from '../../cpu-time.ts';

const condition: AnyResource = {
  resourceType: 'Condition',
  id: 'secret-id',
  meta: { source: 'urn:meta' },
  text: {
    status: 'generated',
    div: '<div xmlns="http://www.w3.org/1999/xhtml"><p>Bone <b>metas</b>tases &amp; pain&#x5c71;</p><p class="hidden">胃の悪性腫瘍</p></div>',
  },
  code: { text: '本態性高血圧症', coding: [{ system: 'http://e.org', code: 'I10', display: 'Essential hypertension' }] },
  subject: { reference: 'Patient/7' },
  note: [{ text: 'ｶﾞﾝの疑い 150.5' }],
};
const has = (within: 'narrative' | 'resource', text: string): boolean => {
  const query = readTextQuery(text);
  if (query === undefined) throw new Error(`unreadable: ${text}`);
  return matchesWords(searchable(condition, within), query);
};

describe('_text', () => {
  test.each([
    ['bone', true],
    ['BONES', false],
    ['one', false],
    ['metasta', true],
    ['bone metastases', true],
    ['bone liver', false],
    ['"bone metastases"', true],
    ['"metastases bone"', false],
    ['(bone OR liver) AND metastases', true],
    ['(bone or liver) metastases', true],
    ['liver OR kidney', false],
    ['bone NOT liver', true],
    ['NOT bone', false],
    ['悪性', true],
    ['腫瘍 胃', true],
    ['腫瘍胃', false],
    ['高血圧', false],
    ['hidden', false],
    ['xhtml', false],
    ['山', true],
  ])('_text: %s: %s', (text, is) => expect(has('narrative', text)).toBe(is));
});

describe('_content', () => {
  test.each([
    ['高血圧', true],
    ['hyper', true],
    ['がん', true],
    ['I10', true],
    ['bone hypertension', true],
    ['150', true],
    ['secret', false],
    ['Patient', false],
    ['generated', false],
    ['urn', false],
  ])('_content: %s: %s', (text, is) => expect(has('resource', text)).toBe(is));
});

test('words: what says nothing, or is no expression, cannot be read', () => {
  for (const text of [
    '',
    '%',
    '・',
    '(',
    ')',
    'a AND',
    'OR a',
    'a OR',
    'NOT',
    '(a',
    'a)',
    '"a',
    '('.repeat(1000),
    `${'NOT '.repeat(1000)}a`,
  ])
    expect([text, readTextQuery(text)]).toEqual([text, undefined]);
});

test('words: long texts are read quickly', () => {
  const from = cpuTime();
  readTextQuery('a '.repeat(20_000));
  searchable({ resourceType: 'Basic', text: { div: `<div>${'<p'.repeat(50_000)}</div>` } }, 'narrative');
  searchable({ resourceType: 'Basic', text: { div: `<div>${'<!--'.repeat(50_000)}</div>` } }, 'narrative');
  expect(cpuTime() - from).toBeLessThan(2000);
});
