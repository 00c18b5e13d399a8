// Whose names the texts of a release are cleaned of: https://hl7.org/fhir/R4/patient.html#links, https://hl7.org/fhir/R4/relatedperson.html
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { asServer } from '../../src/fhir/model/access.ts';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import { openKeyring } from '../../src/fhir/store/keys/keyring.ts';
import { openSqliteStore } from '../../src/fhir/store/sqlite/store.ts';
import { byIds } from '../../src/release/cohort.ts';
import { ofCohort } from '../../src/release/material.ts';
import { pack } from '../../src/release/package.ts';
import { policyOf } from '../../src/release/policies.ts';
import { series } from '../../src/release/series.ts';
import { write } from '../fhir/store/contract.ts';
import { base, collection, keysFrom, now, ofType, released } from './ground.ts';

const note = (id: string, patient: string, text: string): AnyResource => ({
  resourceType: 'Condition',
  id,
  code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'J18.9' }] },
  subject: { reference: `Patient/${patient}` },
  note: [{ text }],
});

/** A child with a RelatedPerson who is known only by her own Patient record, which links to it; and somebody else. */
const family: readonly AnyResource[] = [
  { resourceType: 'Patient', id: 'child', name: [{ family: '山田', given: ['翔太'] }], birthDate: '2020-04-05' },
  { resourceType: 'RelatedPerson', id: 'mother-of-child', patient: { reference: 'Patient/child' } },
  {
    resourceType: 'Patient',
    id: 'mother',
    name: [{ family: '佐々木', given: ['千鶴'] }],
    birthDate: '1990-02-03',
    telecom: [{ system: 'phone', value: '03-1111-2222' }],
    link: [{ other: { reference: 'RelatedPerson/mother-of-child' }, type: 'seealso' }],
  },
  { resourceType: 'Patient', id: 'payer', name: [{ family: '日下部', given: ['泰造'] }], birthDate: '1955-02-03' },
  {
    resourceType: 'Coverage',
    id: 'c',
    status: 'active',
    beneficiary: { reference: 'Patient/child' },
    subscriber: { reference: 'Patient/payer' },
    payor: [{ display: '健保' }],
  },
  note('of-child', 'child', '翔太が発熱、佐々木千鶴が付き添う。千鶴の連絡先は03-1111-2222、生年月日1990年2月3日。日下部泰造も同席。'),
  note('of-mother', 'mother', '山田翔太の育児で疲労。'),
];
const clean = new Map([
  ['J18.9 child', '【氏名】が発熱、【家族】が付き添う。【家族】の連絡先は【電話】、生年月日【生年月日】。【家族】も同席。'],
  ['J18.9 mother', '【家族】の育児で疲労。'],
]);
const notes = (resources: readonly AnyResource[]): string[] =>
  ofType(resources, 'Condition')
    .map(one => (one['note'] as { text: string }[])[0]!.text)
    .sort();

test('a relative who is known by a Patient record of his own alone, and whoever pays, are taken out: of a Bundle', async () => {
  const { resources } = await released(collection(...family), keysFrom(1, 'jp-anonymized-text'));
  expect(notes(resources)).toEqual([...clean.values()].sort());
});

test('where a policy keeps days, those in texts stay, too', async () => {
  const rules = [
    { paths: ['Annotation.text'], method: 'clean-text' },
    { paths: ['Annotation'], method: 'listed' },
  ];
  const policy = policyOf({
    ...{ name: 'own', version: '1.0.0', title: 'own', extends: 'jp-pseudonymized' },
    groups: [{ measure: 'identifying-descriptions', rules }],
    elements: { Condition: ['note'], Annotation: ['text'] },
  });
  const keys = series(policy, Buffer.alloc(32, 1), { base, now, timeZone: 'Asia/Tokyo' });
  const seen = { ...note('seen', 'child', '翔太は2024年3月5日に受診。'), recordedDate: '2024-03-05' };
  const { resources } = await released(collection(family[0]!, seen), keys);
  expect(ofType(resources, 'Condition')).toEqual([
    expect.objectContaining({ recordedDate: '2024-03-05', note: [{ text: '【氏名】は2024年3月5日に受診。' }] }),
  ]);
});

test('of somebody pooled no age stays in a text, of others those below 90 do', async () => {
  const { resources } = await released(
    collection(
      { resourceType: 'Patient', id: 'old', birthDate: '1926-03-02' },
      { resourceType: 'Patient', id: 'young', birthDate: '1960-03-02' },
      note('of-old', 'old', '83歳で手術、in her 80s。'),
      note('of-young', 'young', '49歳で手術、母は97歳。'),
    ),
    keysFrom(1, 'jp-anonymized-text'),
  );
  expect(notes(resources)).toEqual(['49歳で手術、母は【高齢】歳。', '【年齢】歳で手術、in her 【年齢】s。'].sort());
});

test('the same of what is stored, though the caller may see nobody else', async () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'noren-cleaning-'));
  const keyring = openKeyring({ directory, master: Buffer.alloc(32, 7) });
  const store = await openSqliteStore({ directory, keyring, baseUrl: 'https://noren.test/fhir', timeZone: 'UTC', synchronous: 'normal' });
  try {
    await store.commit({ writes: family.map(one => write({ ...one, id: one.id! })) });
    const series = keysFrom(1, 'jp-anonymized-text');
    const access = asServer('test');
    const types = new Set(['Condition']);
    const left = [];
    for (const id of ['child', 'mother']) {
      const material = await ofCohort(store, access, await store.persons(access, byIds([id])), types, series, 1000);
      const bundle = JSON.parse(Buffer.concat((await pack(material, types, series)).bytes).toString()) as {
        entry: { resource: AnyResource }[];
      };
      left.push(...notes(bundle.entry.map(one => one.resource)));
    }
    expect(left.sort()).toEqual([...clean.values()].sort());
  } finally {
    await store.close();
    keyring.close();
    rmSync(directory, { recursive: true, force: true });
  }
});
