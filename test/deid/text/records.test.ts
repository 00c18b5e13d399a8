// Hiding places that are text (https://hl7.org/fhir/R4/narrative.html, displays, notes): whole records, each cleaned by what it says itself.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { type Dictionary, dictionary, knownOf, textCleaner } from '../../../src/deid/text/index.ts';
import type { AnyResource, Json } from '../../../src/fhir/model/r4.ts';
import { hospitals } from '../../../src/generate/hospitals.ts';

const examples = path.resolve(import.meta.dirname, '../../../../shared/data/jp');
if (!existsSync(examples)) console.warn('SKIPPED: ../shared/data/jp is not there, so the Japanese examples are not cleaned');

/** Text that people read: narratives by their text nodes, displays, notes. Names and identifiers themselves are structured. */
function texts(node: unknown, element: string, out: Set<string>): Set<string> {
  if (typeof node === 'string') {
    if (/^(?:div|display|text|note|description|comment|title|valueString|conclusion|patientInstruction)$/.test(element))
      for (const text of node
        .replace(/<[^>]*>/g, '\n')
        .replace(/&\w+;/g, ' ')
        .split('\n'))
        if (text.trim() !== '') out.add(text.trim());
  } else if (typeof node === 'object' && node !== null)
    for (const name in node) texts((node as Json)[name], Array.isArray(node) ? element : name, out);
  return out;
}

/** Width, spaces and hyphens set aside, by other means than the sources have. */
const flat = (text: string): string => text.normalize('NFKC').replace(/[\s・‐-―−ー-]/g, '');

function people(node: unknown, out: Set<string>): Set<string> {
  if (typeof node !== 'object' || node === null) return out;
  const { resourceType, name, telecom, identifier, birthDate } = node as Json;
  if (resourceType === 'Patient' || resourceType === 'Practitioner' || resourceType === 'RelatedPerson') {
    for (const one of (Array.isArray(name) ? name : []) as Json[]) {
      const whole = `${one['family'] ?? ''}${(one['given'] as string[] | undefined)?.join('') ?? ''}`;
      if (flat(whole).length > 2) out.add(flat(whole));
      if (typeof one['text'] === 'string' && flat(one['text']).length > 2) out.add(flat(one['text']));
    }
    for (const list of [telecom, identifier])
      for (const one of (Array.isArray(list) ? list : []) as Json[])
        if (typeof one['value'] === 'string' && one['value'].length > 5) out.add(flat(one['value']));
    if (typeof birthDate === 'string' && birthDate.length === 10) out.add(flat(birthDate));
  }
  for (const child of Object.values(node)) people(child, out);
  return out;
}

function leaks(resource: AnyResource, registry: readonly Dictionary[] = []): string[] {
  const clean = textCleaner([...registry, dictionary(knownOf([resource], 'patient'))]);
  const named = [...people(resource, new Set())];
  return [...texts(resource, '', new Set())].flatMap(text => {
    const out = clean(text, { shiftDays: 100 });
    return out === undefined ? [] : named.filter(one => flat(out.text).includes(one)).map(one => `${one} in ${text}`);
  });
}

test('records of two hospitals: no person, number or birth date of theirs is left in a narrative or a display', () => {
  let seen = 0;
  for (const { at } of hospitals({ patients: 60, seed: 'text', day: '2026-03-01' })) {
    for (const { bundle } of at) {
      seen += texts(bundle, '', new Set()).size;
      expect(leaks(bundle as unknown as AnyResource)).toEqual([]);
    }
  }
  expect(seen).toBeGreaterThan(1000);
});

(existsSync(examples) ? test : test.skip)(
  'Japanese examples (CLINS, JP Core, referral, check-up): nobody that a file names is left in its texts',
  () => {
    const files = readdirSync(examples, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.json'));
    let seen = 0;
    for (const file of files) {
      let json: unknown;
      try {
        json = JSON.parse(readFileSync(path.join(examples, file), 'utf8'));
      } catch {
        // malformed-json/ is.
        continue;
      }
      if (
        typeof (json as Json)?.['resourceType'] !== 'string' ||
        /Definition|ValueSet|CodeSystem|ImplementationGuide|NamingSystem|SearchParameter|Capability/.test(
          (json as AnyResource).resourceType,
        )
      )
        continue;
      seen++;
      expect({ file, leaks: leaks(json as AnyResource) }).toEqual({ file, leaks: [] });
    }
    expect(seen).toBeGreaterThan(100);
  },
);
