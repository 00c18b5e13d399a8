// First letters and short forms of the names of a patient and his family. https://hl7.org/fhir/R4/datatypes.html#HumanName
import { describe, expect, test } from '@jest/globals';
import { dictionary, knownOf, textCleaner } from '../../../src/deid/text/index.ts';

const cleanOf = (...name: object[]) => textCleaner(dictionary(knownOf([{ resourceType: 'Patient', name }], 'patient')));
const yamada = cleanOf({ family: '山田', given: ['太郎'] }, { family: 'ヤマダ', given: ['タロウ'] });
const smith = cleanOf({ family: 'Smith', given: ['Jonathan', 'Fitzgerald'] });

describe('initials', () => {
  test.each([
    ['T.Y.は安静', '【氏名】は安静'],
    ['Y.T.', '[NAME]'],
    ['した．T.Y.', 'した．【氏名】'],
    ['Y氏、TY様', '【氏名】氏、【氏名】様'],
    ['患者TY', '患者【氏名】'],
    ['Ａ．Ｂ．さん', '【氏名】さん'],
  ])('%s', (text, gone) => expect(yamada(text)!.text).toBe(gone));
  test.each([
    ['J. Smith, Smith J., J. F. Smith, Jonathan F. Smith', '[NAME], [NAME], [NAME], [NAME]'],
    ['J.S. and J.F.S.', '[NAME] and [NAME]'],
    ['Pt JS resting', 'Pt [NAME] resting'],
  ])('%s', (text, gone) => expect(smith(text)!.text).toBe(gone));
  test.each(['T2強調', 'CT様', 'A.B.', 'TY', 'b.i.d.', 'P.T. consult', 'Y-90'])('of nobody stay: %s', text =>
    expect(yamada(text)!.text).toBe(text),
  );
});

describe('pet names', () => {
  test.each([
    ['太郎ちゃん、たろちゃん、太ちゃん、やまさん', '【氏名】ちゃん、【氏名】ちゃん、【氏名】ちゃん、【氏名】さん'],
    ['たろうじいちゃん', '【氏名】じいちゃん'],
  ])('%s', (text, gone) => expect(yamada(text)!.text).toBe(gone));
  test.each([
    ['Jon, Johnny and John', '[NAME], [NAME] and [NAME]'],
    ['the nathan sign', 'the nathan sign'],
  ])('%s', (text, gone) => expect(smith(text)!.text).toBe(gone));
  test('of three letters with a capital and no more', () => {
    const lee = cleanOf({ family: 'Lee', given: ['Thomas'] });
    expect(lee('Tom Lee; Tom; the LEE tom')!.text).toBe('[NAME]; [NAME]; the LEE tom');
  });
  test('山ロ for 山口: kanji that look like katakana', () =>
    expect(cleanOf({ family: '山口', given: ['花子'] })('山ロは来院')!.text).toBe('【氏名】は来院'));
});

test('a family name of three letters in capitals is found beside the initial of the given name', () => {
  const clean = textCleaner(
    dictionary(knownOf([{ resourceType: 'Patient', id: 'p', name: [{ family: 'Kim', given: ['Miryeong'] }] }], 'patient')),
  );
  expect(clean('KIM, M. seen; M. KIM too')!.text).not.toMatch(/KIM/);
});
