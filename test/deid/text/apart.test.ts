// https://hl7.org/fhir/R4/datatypes.html#ContactPoint, https://hl7.org/fhir/R4/datatypes.html#Identifier, https://hl7.org/fhir/R4/patient.html
import { expect, test } from '@jest/globals';
import { dictionary, knownOf, textCleaner } from '../../../src/deid/text/index.ts';

const records = {
  resourceType: 'Patient' as const,
  id: 'p',
  name: [{ family: 'ワタナベ', given: ['ケンイチロウ'] }],
  telecom: [
    { system: 'phone', value: '0566-76-1234' },
    { system: 'phone', value: '090-8765-4321' },
    { system: 'phone', value: '(802) 555-0143' },
  ],
  identifier: [{ value: '00123456' }, { value: 'K-77812' }, { value: 'M-0055443' }],
  birthDate: '1952-11-23',
};
const clean = textCleaner(dictionary(knownOf([records], 'patient')));
const gone = (text: string) => clean(text, { shiftDays: 37 })!.text.replace(/[[【].*?[\]】]/g, '＿');

test.each([
  '1.00123456',
  '00123456.5',
  '55443',
  'K:77812',
  'K/77812',
  'K~77812',
  '77812',
  '0566/76/1234',
  '76-1234',
  '090:8765:4321',
  '090、8765、4321',
  '090〜8765〜4321',
  '(802)555.0143',
  '555.0143',
])('a number of the patient, %s, is found whatever stands between its digits', text => {
  for (const digits of text.match(/\d{4,}/g)!) expect(gone(text)).not.toContain(digits);
});

test.each(['1952 11 23', '1952、11、23', '1952・11・23', '11-23-52', '23.11.52', '11 / 23 / 1952', '27 11 23', '112352', '271123'])(
  'the birth date of the patient, %s, goes in any order and whatever stands between',
  text => expect(gone(text)).toBe('＿'),
);

test.each(['12.3456', '4321', '1.5、2.5、3.5', '11 23', '7 11 52', '802 mg、555 mL'])('%s is none of them: it stays', text =>
  expect(clean(text, { shiftDays: 37 })!.text).toBe(text),
);

test('a given name whose long vowel is written otherwise is found without its family name', () => {
  expect(gone('ケンイチローと来院')).toBe('＿と来院');
});

test('digits in a row take time as their length', () => {
  for (const unit of ['1', '1 ', '12、', '1234-']) expect(gone(unit.repeat(200_000 / unit.length))).toBeDefined();
});
