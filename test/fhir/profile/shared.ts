/** The material beside the checkout that slow tests need: there or loudly not. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe } from '@jest/globals';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import { isSlow } from '../../slow.ts';

export const shared = path.resolve(import.meta.dirname, '../../../../shared');

/** `describe` of a slow test: runs with NOREN_SLOW=1 and `../shared`, else says that it does not. */
export function slow(name: string, body: () => void): void {
  const reason = !isSlow ? 'NOREN_SLOW is not 1' : existsSync(shared) ? undefined : '../shared is not there';
  if (reason !== undefined) console.warn(`SKIPPED: ${name}: ${reason}`);
  (reason === undefined ? describe : describe.skip)(name, body);
}

/** HL7's own R4 examples package, unpacked for as long as `use` runs: [file, text], sorted. */
export function hl7Examples(folder: 'json' | 'xml' | 'json-twin-of-xml', wanted: (file: string) => boolean): [string, string][] {
  const place = mkdtempSync(path.join(tmpdir(), 'hl7-'));
  try {
    execFileSync('tar', ['xzf', path.join(shared, 'data/hl7-r4-examples.tar.gz'), '-C', place, folder]);
    const files = readdirSync(path.join(place, folder)).filter(
      file => file.endsWith(folder === 'xml' ? '.xml' : '.json') && !file.startsWith('.') && file !== 'package.json' && wanted(file),
    );
    return files.sort().map(file => [file, readFileSync(path.join(place, folder, file), 'utf8')]);
  } finally {
    rmSync(place, { recursive: true });
  }
}

/** All examples of that package that are written in JSON, and the twins of those in XML. */
export const hl7Resources = (): AnyResource[] =>
  (['json', 'json-twin-of-xml'] as const).flatMap(folder =>
    hl7Examples(folder, () => true).map(([, text]) => JSON.parse(text) as AnyResource),
  );

/** Examples of HL7 that break HL7's rules, or ours on purpose: file → the finding and why. */
export const unfit: readonly (readonly [RegExp, string, string])[] = [
  [/^[Qq]uestionnaire-qs1/, 'Questionnaire.item.linkId is required.', 'the example leaves out what is 1..1'],
  [/^SearchParameter-(codesystem|valueset)-extensions-/, 'SearchParameter.base is required.', 'the example leaves out what is 1..*'],
  [/^SearchParameter-questionnaireresponse-extensions-/, 'SearchParameter.id does not have the format of id.', 'longer than 64 characters'],
  [/^CodeSystem-v2-0550/, 'CodeSystem.concept.code does not have the format of code.', 'no-break spaces in codes'],
  [/^StructureDefinition-(Definition|Event|FiveWs|Request)/, 'sdf-4:', 'HL7 made its own patterns without a baseDefinition'],
  [/^(EventDefinition-example|Questionnaire-zika)/, 'txt-1: Narrative.div has no content.', 'an empty narrative breaks txt-2'],
  [
    /^Media-1\.2\.840/,
    'txt-1: Narrative.div loads an image or style from elsewhere.',
    'an image is fetched from a server elsewhere: refused on purpose',
  ],
  [
    /^MedicationRequest-medrx0301/,
    'MedicationRequest.dispenseRequest.performer leads to a type',
    'leads to a Practitioner; only Organization is allowed',
  ],
  [/^Observation-clinical-gender/, 'Observation.performer leads to a type', 'leads to what may not perform'],
];
