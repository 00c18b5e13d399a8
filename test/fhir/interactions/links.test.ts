// https://hl7.org/fhir/R4/http.html#trules
import { expect, test } from '@jest/globals';
import { mapLinks } from '../../../src/fhir/interactions/links.ts';
import { Decimal } from '../../../src/fhir/model/json.ts';

const resource = {
  resourceType: 'Observation',
  contained: [{ resourceType: 'Patient', id: 'c', managingOrganization: { reference: 'urn:x' } }],
  subject: { reference: 'urn:x', identifier: { system: 'urn:x', value: 'urn:x' } },
  instantiatesCanonical: 'urn:x',
  valueQuantity: { value: new Decimal('7.20') },
  component: [{ valueString: 'urn:x' }, { extension: [{ url: 'urn:y', valueUri: 'urn:x' }] }],
};

test('links: each with its kind and its FHIRPath; text that is no link is not shown', () => {
  const seen: string[] = [];
  mapLinks(resource, (link, kind, path) => {
    seen.push(`${kind} ${link} ${path()}`);
    return link;
  });
  expect(seen).toEqual([
    'reference urn:x Observation.contained[0].managingOrganization.reference',
    'reference urn:x Observation.subject.reference',
    'uri urn:x Observation.subject.identifier.system',
    'uri urn:y Observation.component[1].extension[0].url',
    'uri urn:x Observation.component[1].extension[0].valueUri',
  ]);
});

test('links: what does not change is shared, what changes is copied, and the original stays', () => {
  expect(mapLinks(resource, link => link)).toBe(resource);
  const before = JSON.stringify(resource);
  const changed = mapLinks(resource, (link, kind) => (kind === 'reference' ? 'Patient/1' : link));
  expect(JSON.stringify(resource)).toBe(before);
  expect(changed['valueQuantity']).toBe(resource.valueQuantity);
  expect(changed['component']).toBe(resource.component);
  expect(changed).toMatchObject({ subject: { reference: 'Patient/1' }, contained: [{ managingOrganization: { reference: 'Patient/1' } }] });
});

test('links: elements of the same name that are canonicals are no links', () => {
  const names: string[] = [];
  const list = (link: string) => {
    names.push(link);
    return link;
  };
  mapLinks({ resourceType: 'ConceptMap', url: 'a', group: [{ source: 'b', unmapped: { url: 'no' } }] }, list);
  mapLinks({ resourceType: 'CapabilityStatement', url: 'c', instantiates: ['no'] }, list);
  expect(names).toEqual(['a', 'b', 'c']);
});
