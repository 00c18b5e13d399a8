/**
 * Drug codes. YJ and the general-name code (一般名処方) begin with the same nine characters as the code of the price list: therapeutic class (薬効分類) 4, route and ingredient 3, form 1, strength 1; the first
 * characters of the class are classes too. They are codes of neither, so they are written in Noren's own system. HOT13 → HOT9 → HOT7, each a code of its own list. ATC: 7 → 5 → 4 → 3 → 1 characters, all of them codes of ATC.
 * MHLW: https://www.mhlw.go.jp/topics/2016/03/tp0305-01.html, MEDIS: https://www.medis.or.jp/4_hyojyun/medis-master/index.html, WHO: https://www.whocc.no/atc/structure_and_principles/
 * @module
 */
import { byPrefix, type Hierarchy } from './hierarchy.ts';

/** Drugs by the first characters of their code in the Japanese price list: profiles/CodeSystem-drug-group.json. */
const drugGroup = 'https://noren.example/fhir/CodeSystem/drug-group';
const atc = 'http://www.whocc.no/atc';
const hot9 = 'http://medis.or.jp/CodeSystem/master-HOT9';
const hot7 = 'http://medis.or.jp/CodeSystem/master-HOT7';

const ofPriceList = byPrefix(
  /^\d{1,4}$|^\d{7}(?:[0-9A-Z]{2}(?:[0-9A-Z]{3})?)?$/,
  [9, 7, 4, 3, 2, 1].map(length => ({ length, system: drugGroup })),
);
const ofHot13 = byPrefix(/^\d{13}$/, [{ length: 9, system: hot9 }]);
const ofHot9 = byPrefix(/^\d{9}$/, [{ length: 7, system: hot7 }]);
const ofAtc = byPrefix(
  /^[A-Z](?:\d\d(?:[A-Z](?:[A-Z](?:\d\d)?)?)?)?$/,
  [5, 4, 3, 1].map(length => ({ length, system: atc })),
);

export const medication: ReadonlyMap<string, Hierarchy> = new Map([
  ['http://capstandard.jp/iyaku.info/CodeSystem/YJ-code', ofPriceList],
  ['urn:oid:1.2.392.100495.20.2.73', ofPriceList],
  ['http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationGeneralOrderCode', ofPriceList],
  ['urn:oid:1.2.392.100495.20.2.81', ofPriceList],
  [drugGroup, ofPriceList],
  ['http://medis.or.jp/CodeSystem/master-HOT13', ofHot13],
  ['urn:oid:1.2.392.200119.4.402.1', ofHot13],
  [hot9, ofHot9],
  ['urn:oid:1.2.392.200119.4.403.1', ofHot9],
  ['urn:oid:1.2.392.100495.20.2.74', ofHot9],
  [atc, ofAtc],
]);
