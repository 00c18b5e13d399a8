// Real objects of many devices (the test files of pydicom, beside the checkout), as files and as Binaries, on the command line and as a release; PS3.15 annex E
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import dicomParser from 'dicom-parser';
import { textOf } from '../../src/deid/dicom/element.ts';
import { patientOf } from '../../src/deid/dicom/patient.ts';
import { readFile } from '../../src/deid/dicom/read.ts';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import { keysUnder } from '../../src/offline/keys.ts';
import { ofBundle } from '../../src/release/given.ts';
import { pack } from '../../src/release/package.ts';
import { policyOf } from '../../src/release/policies.ts';
import { series } from '../../src/release/series.ts';
import { data, files, here, survivors } from '../deid/dicom/shared.ts';
import { isSlow } from '../slow.ts';
import { keysIn, linesOf, noren, now, type Resource } from './deidentify-world.ts';

if (isSlow && !here) console.warn('SKIPPED: the DICOM objects are not beside this checkout (../shared/data/dicom).');
const slow = isSlow && here ? test : test.skip;

/** Lets out all that can be de-identified, whatever its pixels show: here its bytes are looked at. */
const open = {
  name: 'open',
  version: '1',
  title: 'all pixels cleared',
  extends: 'jp-anonymized-images',
  groups: [
    {
      measure: 'identifying-descriptions',
      rules: [
        {
          paths: ['Binary', 'DocumentReference.content.attachment', 'Media.content', 'DiagnosticReport.presentedForm'],
          method: 'clean-attachment',
          texts: false,
          dicom: {
            options: ['retainLongitudinalModifiedDates', 'cleanStructuredContent'],
            waveforms: true,
            pixels: 'CT MR PT US SC OT XA RF CR DX NM SEG RTDOSE RTSTRUCT ECG'
              .split(' ')
              .map(modality => ({ modality, regions: [], facesCleared: true })),
          },
        },
      ],
    },
  ],
};

const secret = Buffer.alloc(32, 7);
const keys = keysUnder(secret, policyOf(open).policy);
let root: string;
let input: string;
/** By the UID under which it leaves. */
const inputs = new Map<string, Buffer[]>();
const resources: AnyResource[] = [];
beforeAll(() => {
  if (!isSlow || !here) return;
  root = mkdtempSync(path.join(tmpdir(), 'noren-images-'));
  input = path.join(root, 'in');
  mkdirSync(input);
  writeFileSync(path.join(root, 'open.json'), JSON.stringify(open));
  const persons = new Map<string, string>();
  for (const [n, name] of files.entries()) {
    const bytes = readFileSync(path.join(data, name));
    copyFileSync(path.join(data, name), path.join(input, `${n}.dcm`));
    const patient = patientOf(bytes);
    if ('withheld' in patient) continue;
    const uid = keys.uid(textOf(readFile(bytes).set, 0x00080018));
    inputs.set(uid, [...(inputs.get(uid) ?? []), bytes]);
    const id = persons.get(patient.id) ?? `p${n}`;
    if (!persons.has(patient.id))
      resources.push({
        resourceType: 'Patient',
        id,
        ...(patient.id === '' ? {} : { identifier: [{ system: 'urn:number', value: patient.id }] }),
      });
    persons.set(patient.id, id);
    resources.push(
      {
        ...{ resourceType: 'DocumentReference', id: `d${n}`, status: 'current', subject: { reference: `Patient/${id}` } },
        content: [{ attachment: { contentType: 'application/dicom', url: `Binary/b${n}` } }],
      },
      { resourceType: 'Binary', id: `b${n}`, contentType: 'application/dicom', data: bytes.toString('base64') },
    );
  }
  writeFileSync(path.join(input, 'all.ndjson'), resources.map(one => `${JSON.stringify(one)}\n`).join(''));
});
afterAll(() => {
  if (isSlow && here) rmSync(root, { recursive: true, force: true });
});

function check(out: Buffer): void {
  const again = dicomParser.parseDicom(out);
  expect(again.warnings).toEqual([]);
  expect(again.string('x00120062')).toBe('YES');
  const from = inputs.get(again.string('x00080018')!)!;
  // Some of the files are one object in several compressions.
  expect(from.map(bytes => survivors(bytes, out))).toContainEqual([]);
}

const dataOf = (all: readonly Resource[]): Buffer[] =>
  all.filter(one => one.resourceType === 'Binary').map(one => Buffer.from(String(one['data']), 'base64'));

slow(
  'on the command line: every object that leaves opens again, as a file or as a Binary, and holds nothing that stood in it',
  async () => {
    const out = path.join(root, 'out');
    const report = path.join(root, 'report.json');
    const { code, err } = await noren([
      ...['deidentify', '--policy', path.join(root, 'open.json'), '--keys', keysIn(root, 7), '--now', now, '--report', report],
      ...[input, '--out', out],
    ]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const objects = readdirSync(out).filter(name => name.endsWith('.dcm'));
    const told = JSON.parse(readFileSync(report, 'utf8')) as { objects: { read: number; written: number; withheld: object } };
    expect(told.objects).toMatchObject({ read: files.length, written: objects.length });
    const withheld = Object.values(told.objects.withheld).reduce<number>((sum, n) => sum + Number(n), 0);
    expect(objects.length + withheld).toBe(files.length);
    expect(objects.length).toBeGreaterThan(30);
    for (const name of objects) check(readFileSync(path.join(out, name)));
    const all = linesOf(readFileSync(path.join(out, 'all.ndjson'), 'utf8'));
    const binaries = dataOf(all);
    expect(binaries.length).toBeGreaterThan(40);
    binaries.forEach(check);
  },
  600_000,
);

slow(
  'as a release: the same, and the same objects for the same keys',
  async () => {
    const compiled = policyOf(open);
    const server = series(compiled, secret, { base: 'https://noren.example/fhir', now: Date.parse(now), timeZone: 'Asia/Tokyo' });
    const of = { ...server, keys };
    const types = new Set(compiled.types.keys());
    const bundle: AnyResource = { resourceType: 'Bundle', type: 'collection', entry: resources.map(resource => ({ resource })) };
    const { bytes } = await pack(await ofBundle(bundle, new Set(), types, of, 1e6), types, of);
    const released = JSON.parse(Buffer.concat([...bytes]).toString()) as { entry: { resource: Resource }[] };
    const binaries = dataOf(released.entry.map(one => one.resource));
    expect(binaries.length).toBeGreaterThan(40);
    binaries.forEach(check);
    const onFiles = dataOf(linesOf(readFileSync(path.join(root, 'out/all.ndjson'), 'utf8')));
    const inOrder = (all: readonly Buffer[]): string[] => all.map(one => one.toString('base64')).sort();
    expect(inOrder(binaries)).toEqual(inOrder(onFiles));
  },
  600_000,
);
