/**
 * JLAC10 and JLAC11 (17 characters: analyte 5, identification 4, material 3, method 3, result 2): one part less at each step. What is left of a code is no code of JLAC, and a part filled up with
 * zeros would be one that says something else; so it is written as a code of Noren's own system, which says what it is: the first parts of a JLAC code.
 * JSLM: https://www.jslm.org/committees/code/
 * @module
 */
import { byPrefix, type Hierarchy } from './hierarchy.ts';

/** Groups of JLAC10 codes, by their first parts: profiles/CodeSystem-jlac10-group.json. */
const jlac10Group = 'https://noren.example/fhir/CodeSystem/jlac10-group';
/** The same of JLAC11, whose analytes have other codes: profiles/CodeSystem-jlac11-group.json. */
const jlac11Group = 'https://noren.example/fhir/CodeSystem/jlac11-group';

/** Behind result, method, material and identification; of JLAC10 the analyte's classes too, its first two characters (3: chemistry, 3B: enzymes). */
const levels = (system: string, lengths: readonly number[]) => lengths.map(length => ({ length, system }));
const form10 = /^[1-9](?:[A-Z](?:\d{3}(?:[0-9A-Z]{4}(?:[0-9A-Z]{3}(?:[0-9A-Z]{3}(?:[0-9A-Z]{2})?)?)?)?)?)?$/;
const form11 = /^[A-Z][0-9A-Z]{4}(?:[0-9A-Z]{4}(?:[0-9A-Z]{3}(?:[0-9A-Z]{3}(?:[0-9A-Z]{2})?)?)?)?$/;
const jlac10 = byPrefix(form10, levels(jlac10Group, [15, 12, 9, 5, 2, 1]));
const jlac11 = byPrefix(form11, levels(jlac11Group, [15, 12, 9, 5]));
/** Systems that hold one of the two: whose it is, its first character tells. */
const either: Hierarchy = { parent: code => (/^[A-Z]/.test(code) ? jlac11 : jlac10).parent(code) };

const clins = 'http://jpfhir.jp/fhir/clins/CodeSystem';

export const laboratory: ReadonlyMap<string, Hierarchy> = new Map([
  ['http://medis.or.jp/CodeSystem/master-JLAC10-17digits', jlac10],
  ['urn:oid:1.2.392.200119.4.504', jlac10],
  ['http://jpfhir.jp/fhir/eCheckup/CodeSystem/jlac10', jlac10],
  ...['JP_CLINS_ObsLabResult_CoreLabo_CS', 'JP_CLINS_ObsLabResult_InfectionLabo_CS'].flatMap((name): [string, Hierarchy][] => [
    [`${clins}/JLAC10/${name}`, either],
    [`${clins}/JLAC11/${name}`, either],
  ]),
  [jlac10Group, jlac10],
  [jlac11Group, jlac11],
]);
