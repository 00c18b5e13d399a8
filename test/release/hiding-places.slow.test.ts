// The hiding places that real Japanese data showed, over the examples of ../shared/data/jp under every policy: what leaves is valid, and has none of them.
// JP Core 1.2.0, CLINS, eReferral, eCheckup
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type AnyResource, isResourceType, type Json } from '../../src/fhir/model/r4.ts';
import { validate } from '../../src/fhir/profile/validate.ts';
import { builtIn } from '../../src/release/policies.ts';
import { collection, keysFrom, released } from './ground.ts';

const folder = path.resolve(import.meta.dirname, '../../../shared/data/jp');
const there = existsSync(folder);
if (!there) console.warn('SKIPPED: ../shared/data/jp is not there, so no Japanese examples are de-identified');

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

function* files(): Generator<{ name: string; resources: AnyResource[] }> {
  for (const name of readdirSync(folder, { recursive: true }).map(String).sort()) {
    if (!name.endsWith('.json') || name.includes('malformed')) continue;
    let json: unknown;
    try {
      json = JSON.parse(readFileSync(path.join(folder, name), 'utf8').replace(/^\ufeff/, ''));
    } catch {
      continue;
    }
    if (!isObject(json) || !isResourceType(String(json['resourceType']))) continue;
    const resource = json as AnyResource;
    const inside = resource.resourceType === 'Bundle' ? ((resource['entry'] ?? []) as Json[]).map(entry => entry['resource']) : [resource];
    yield { name, resources: inside.filter(isObject) as AnyResource[] };
  }
}

/** Elements whose texts tell who somebody is, where he is or where it was, in any resource. */
const telling = new Set(
  [
    'family',
    'given',
    'text',
    'div',
    'line',
    'postalCode',
    'display',
    'value',
    'data',
    'title',
    'description',
    'comment',
    'url',
    'fullUrl',
    'lotNumber',
    'city',
  ].concat(['name', 'alias', 'conclusion', 'patientInstruction', 'note']),
);
/** What leaves by right: units, places to the municipality, words of code systems that are no text. */
const general = /^(?:\s*|[\x20-\x7e]{1,3}|[0-9.]+|mg|.{1,2})$/;

function* texts(value: unknown, key = ''): Generator<{ key: string; text: string }> {
  if (typeof value === 'string') yield { key, text: value };
  else if (Array.isArray(value)) for (const one of value) yield* texts(one, key);
  else if (isObject(value)) for (const [name, child] of Object.entries(value)) yield* texts(child, name);
}

/** The Patients whom resources are about and a file does not hold: without them nothing of it would leave. */
function missing(resources: readonly AnyResource[]): AnyResource[] {
  const subjects = resources.flatMap(resource => [resource['subject'], resource['patient']]).filter(isObject);
  return subjects.flatMap(({ reference, identifier }, i): AnyResource[] => {
    if (typeof reference === 'string' && /^(?:Patient\/|urn:uuid:)/.test(reference)) {
      const id = reference.replace(/^(?:Patient\/|urn:uuid:)/, '');
      return resources.some(one => one.id === id) ? [] : [{ resourceType: 'Patient', id }];
    }
    return isObject(identifier) ? [{ resourceType: 'Patient', id: `subject-${i}`, identifier: [identifier] }] : [];
  });
}

/** Who people are and where: of a policy that cleans texts the rest may leave. */
const people = new Set(['Patient', 'RelatedPerson', 'Practitioner', 'PractitionerRole', 'Organization', 'Coverage']);

/** Every text that must not be in what leaves. @param cleaned clinical texts leave */
function secretsOf(resources: readonly AnyResource[], cleaned: boolean): Set<string> {
  const secrets = new Set<string>();
  for (const resource of resources) {
    for (const { key, text } of texts(resource)) {
      if (telling.has(key) && !general.test(text) && (!cleaned || people.has(resource.resourceType))) secrets.add(text);
      // Numbers of institutions, insurers and patients, wherever they stand.
      for (const number of text.match(/\d{7,}/g) ?? []) if (key !== 'code') secrets.add(number);
      if (key === 'birthDate') secrets.add(text);
      for (const run of text.match(/[\p{Script=Han}\p{Script=Katakana}ー]{3,}/gu) ?? [])
        if (!cleaned && (key === 'div' || key === 'text')) secrets.add(run);
    }
    for (const tag of ((resource['meta'] as Json | undefined)?.['tag'] ?? []) as Json[]) secrets.add(String(tag['code']));
    if (resource.id !== undefined && String(resource.id).length > 3) secrets.add(String(resource.id));
  }
  return secrets;
}

(there ? describe.each(builtIn) : describe.skip.each(builtIn))('%s', name => {
  test('nothing of the hiding places leaves, and what leaves is valid', async () => {
    let left = 0;
    const found: string[] = [];
    for (const { name: file, resources } of files()) {
      const whole = collection(...resources, ...missing(resources));
      const release = await released(whole, keysFrom(1, name));
      left += release.resources.length;
      // Codes and their systems leave by the policy's lists, which canary.test.ts holds; a display may be one of them.
      const own = JSON.stringify(release.resources, (key, value: unknown) =>
        key === 'meta' || (typeof value === 'string' && (key === 'code' || key === 'system')) ? undefined : value,
      );
      // Counting words, prefectures and municipalities are in the policy's lists.
      const policy = JSON.stringify(keysFrom(1, name).compiled.policy);
      const places = new Set(
        [...texts(release.resources)].filter(({ key }) => key === 'city' || key === 'state' || key === 'unit').map(({ text }) => text),
      );
      for (const secret of secretsOf(resources, name === 'jp-anonymized-text'))
        if (
          own.includes(JSON.stringify(secret).slice(1, -1)) &&
          !policy.includes(`"${secret}"`) &&
          ![...places].some(place => place.includes(secret))
        )
          found.push(`${file}: ${secret}`);
      for (const resource of release.resources) {
        const source = resources.every(one => validate(one).length === 0);
        if (source) expect([file, resource.resourceType, validate(resource)]).toEqual([file, resource.resourceType, []]);
      }
    }
    expect(found).toEqual([]);
    expect(left).toBeGreaterThan(100);
  }, 120_000);
});
