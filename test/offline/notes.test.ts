// docs/deidentification/offline.md: what the second pass need not look for again
import { expect, test } from '@jest/globals';
import { Noting, noted } from '../../src/offline/notes.ts';
import { Scan } from '../../src/offline/scan.ts';
import { fingerprintsOf } from '../../src/offline/table.ts';

test('notes: of a text that refers to one Patient, whoever else it names, his fingerprint; of one that refers to none that; of all others that they must be looked at again', () => {
  const scan = new Scan(undefined, 'https://noren.example/fhir');
  const noting = new Noting();
  const observation = (more: string): string => `{"resourceType":"Observation"${more}}`;
  const texts = [
    observation(',"subject":{"reference":"Patient/1"},"performer":[{"reference":"RelatedPerson/2"},{"reference":"Patient/1"}]'),
    observation(',"performer":[{"reference":"RelatedPerson/2"}]'),
    observation(',"subject":{"reference":"Patient/1"},"performer":[{"reference":"Patient/2"}]'),
    observation(',"subject":{"reference":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"}'),
    observation(',"subject":{"reference":"Patient/1"},"valueDecimal":7.20'),
    observation(',"contained":[{"resourceType":"Patient"}],"subject":{"reference":"Patient/1"}'),
    '{"resourceType":"Patient","id":"1"}',
    'no JSON',
  ];
  // More than there is room for at the beginning.
  for (let i = 0; i < 200; i++)
    for (const text of texts) {
      scan.read(Buffer.from(text));
      noting.add(scan);
    }
  const notes = noting.taken();
  for (const at of [0, 199])
    expect(texts.map((_, i) => noted(notes, at * texts.length + i))).toEqual([
      ...[[...fingerprintsOf(['Patient/1'])], 'nobody'],
      ...new Array(6).fill(undefined),
    ]);
  expect(noted(notes, 200 * texts.length)).toBeUndefined();
});
