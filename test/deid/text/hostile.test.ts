// Records that are made to stall whoever reads them: what is known of somebody is made into forms in a time that is linear in what was sent.
import { expect, test } from '@jest/globals';
import { dictionary, knownOf, textCleaner } from '../../../src/deid/text/index.ts';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import { cpuTime } from '../../cpu-time.ts';

/** Milliseconds of the processor; a tenth is what it takes. */
const most = 1000;

function milliseconds(record: AnyResource): number {
  const before = cpuTime();
  dictionary(knownOf([record], 'patient'));
  return cpuTime() - before;
}

const records: Readonly<Record<string, (text: string) => AnyResource>> = {
  'HumanName.family': text => ({ resourceType: 'Patient', name: [{ family: text, given: ['太郎'] }] }),
  'HumanName.given': text => ({ resourceType: 'Patient', name: [{ family: '山田', given: [text] }] }),
  'HumanName.text': text => ({ resourceType: 'Patient', name: [{ text }] }),
  'Address.city': text => ({ resourceType: 'Patient', address: [{ state: text, city: text, district: text, line: [text] }] }),
  'Address.text': text => ({ resourceType: 'Patient', address: [{ text, postalCode: text }] }),
  'ContactPoint.value': text => ({ resourceType: 'Patient', telecom: ['phone', 'email', 'url'].map(system => ({ system, value: text })) }),
  'Identifier.value': text => ({ resourceType: 'Patient', identifier: [{ system: 'urn:x', value: text }], birthDate: text }),
  'Practitioner.name': text => ({ resourceType: 'Practitioner', name: [{ text }, { family: text, given: [text] }] }),
  'Organization.name': text => ({ resourceType: 'Organization', name: text, alias: [text] }),
  'Reference.display': text => ({ resourceType: 'Observation', subject: { display: text }, performer: [{ display: text }] }),
};
const fills = [...'山一あジフャーオaA07市区ノ病科●@/-.,・ 　\n', 'ジ ', '山 ', '株式会社', '一丁目', '(山', '^='];

test.each(Object.keys(records))('%s of 100,000 characters, whatever they are', element => {
  for (const fill of fills)
    for (const tail of ['', 'a', '市'])
      expect([fill, tail, milliseconds(records[element]!(fill.repeat(100_000 / fill.length) + tail)) < most]).toEqual([fill, tail, true]);
});

test.each<[string, AnyResource]>([
  [
    '1,000 given names of two initials each',
    { resourceType: 'Patient', name: [{ family: 'ジ', given: new Array<string>(1000).fill('ジ') }] },
  ],
  [
    '20,000 lines of an address',
    {
      resourceType: 'Patient',
      address: [{ state: '東'.repeat(200), city: '市'.repeat(200), line: Array.from({ length: 20_000 }, (_, i) => String(i)) }],
    },
  ],
  [
    '10,000 numbers',
    { resourceType: 'Patient', identifier: Array.from({ length: 10_000 }, (_, i) => ({ system: 'urn:x', value: `K-0000${i}` })) },
  ],
])('%s', (_, record) => expect(milliseconds(record)).toBeLessThan(most));

test('of many given names the letters are known one by one', () => {
  const given = ['一', 'アキラ', 'ジュン', 'ショウ', 'ツトム', 'フミ'];
  const { initials } = dictionary(knownOf([{ resourceType: 'Patient', name: [{ family: '鴨居瀬', given }] }], 'patient'));
  for (const letters of ['J', 'Z', 'S', 'T', 'F', 'H']) expect(initials).toContain(letters);
});

test('a name of 300 characters is found by its beginning', () => {
  const family = Array.from({ length: 300 }, (_, i) => String.fromCharCode(0x5000 + i)).join('');
  const clean = textCleaner(dictionary(knownOf([{ resourceType: 'Patient', name: [{ family, given: ['太郎'] }] }], 'patient')));
  expect(clean(`本日${family}`, { shiftDays: 10 })?.text ?? '').not.toContain(family.slice(0, 10));
});
