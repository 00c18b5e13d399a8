// The graph of all references of files is that of the source among what leaves, in whatever form they are written, also by a number alone.
// https://hl7.org/fhir/R4/references.html, docs/deidentification/offline.md#persons, docs/deidentification.md (reference)
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AnyResource, Json } from '../../src/fhir/model/r4.ts';
import { inputsOf } from '../../src/offline/inputs.ts';
import { keysUnder } from '../../src/offline/keys.ts';
import { deidentifyFiles } from '../../src/offline/run.ts';
import { builtIn, policyNamed } from '../../src/release/policies.ts';
import { placesOf } from '../deid/places.ts';
import { base, type Name, now } from '../release/ground.ts';
import { compare, inEachForm, type Node, world } from '../release/reference-graph.ts';
import { shuffled } from '../release/same-persons.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'noren-references-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const secret = Buffer.alloc(32, 1);
const keysOf = (name: Name) => keysUnder(secret, policyNamed(name).policy);

/** Files of lines → what leaves of them. */
async function left(name: Name, files: readonly (readonly AnyResource[])[]): Promise<{ resources: AnyResource[]; passes: number }> {
  const folder = mkdtempSync(path.join(root, 'in-'));
  const out = `${folder}-out`;
  mkdirSync(folder, { recursive: true });
  const lines = (resources: readonly AnyResource[]): string => resources.map(one => `${JSON.stringify(one)}\n`).join('');
  for (const [i, resources] of files.entries()) writeFileSync(path.join(folder, `${i}.ndjson`), lines(resources));
  const { policy, hash } = policyNamed(name);
  const plan = { policy, secret, base, now, timeZone: 'Asia/Tokyo' };
  let went = 0;
  await deidentifyFiles(
    {
      ...{ plan, policy: { name: policy.name, version: policy.version, hash }, inputs: inputsOf([folder], out), out, workers: 2 },
      ...{ resume: false, rename: false, skipBad: false },
    },
    {
      at: (_, of) => {
        went = of;
      },
      bad: () => {},
      fileDone: () => {},
    },
  );
  const bytes = readdirSync(folder).reduce((sum, file) => sum + readFileSync(path.join(folder, file)).length, 0);
  const resources = readdirSync(out)
    .filter(file => file.endsWith('.ndjson'))
    .flatMap(file =>
      readFileSync(path.join(out, file), 'utf8')
        .split('\n')
        .filter(line => line !== '')
        .map(line => JSON.parse(line) as AnyResource),
    );
  return { resources, passes: went / bytes };
}

/** References by the full URL of an entry are those of Bundles. */
function plain(nodes: readonly Node[]): Node[] {
  const named = new Map(nodes.map(({ fullUrl, name }) => [fullUrl, name]));
  const text = (resource: AnyResource): string =>
    JSON.stringify(resource).replace(/urn:(?:uuid|x):[0-9a-f-]+/g, url => named.get(url) ?? url);
  return nodes.map(node => ({ ...node, resource: JSON.parse(text(node.resource)) as AnyResource }));
}

// What too few have, and what leads there, is another matter than who leads where.
describe.each(builtIn.filter(name => name !== 'jp-anonymized-shared'))('references of files under %s', name => {
  test('each element that may leave leads to a target of each type that is there, in each form, from one file to another', async () => {
    const { nodes, natural } = world(8);
    const { made, edges } = inEachForm(nodes, placesOf(policyNamed(name)));
    const all = shuffled(plain([...nodes, ...made]));
    const files = [0, 1, 2].map(n => all.filter((_, i) => i % 3 === n).map(({ resource }) => resource));
    expect(compare(name, all, [...natural, ...edges], (await left(name, files)).resources, { keys: keysOf(name) })).toBeGreaterThan(500);
  });
});

describe('a reference by a number alone', () => {
  const code = { coding: [{ system: 'http://loinc.org', code: '8867-4' }] };
  const number = { system: 'urn:devices', value: '7' };
  const device = (id: string, more: Json = {}): AnyResource => ({ resourceType: 'Device', id, identifier: [number], ...more });
  const measured = (id: string, reference: Json): AnyResource => ({
    ...{ resourceType: 'Observation', id, status: 'final', code, subject: { reference: 'Patient/p' }, device: reference },
  });
  const patient: AnyResource = { resourceType: 'Patient', id: 'p', identifier: [{ system: 'urn:patients', value: '1' }] };
  const keys = keysOf('jp-anonymized');
  /** Where devices of Observations lead, by their ids in the source. */
  const devices = async (...files: (readonly AnyResource[])[]) => {
    const { resources, passes } = await left('jp-anonymized', files);
    const found = new Map(resources.map(one => [one.id, one['device']] as const));
    const of = files.flat().filter(one => one.resourceType === 'Observation');
    return { devices: of.map(({ id }) => found.get(keys.pseudonym('Observation', id!))), passes };
  };
  const toDevice = (id: string, by = keys) => ({ reference: `Device/${by.pseudonym('Device', id)}` });

  test('leads to what alone has it, said once or twice; to one of several nowhere', async () => {
    const asking = [patient, measured('o', { identifier: number })];
    expect((await devices(asking, [device('d')])).devices).toEqual([toDevice('d')]);
    // Two files of one export may both have it.
    expect((await devices([device('d'), ...asking], [device('d')])).devices).toEqual([toDevice('d')]);
    expect((await devices([device('d'), ...asking], [device('e')])).devices).toEqual([undefined]);
    expect((await devices([device('d'), device('e')], asking, [device('d')])).devices).toEqual([undefined]);
    // What does not say which of them stays nobody's, however it is cut.
    expect((await devices(asking, [device('d', { identifier: [{ system: 'urn:devices|7', value: '' }] })])).devices).toEqual([undefined]);
    expect((await devices([device('d', { modifierExtension: [{ url: 'urn:x', valueBoolean: true }] })], asking)).devices).toEqual([
      undefined,
    ]);
  });

  test('leads to no Binary, and a Binary takes nobody’s number away', async () => {
    const binary = { resourceType: 'Binary', id: 'b', contentType: 'text/plain', identifier: [number] };
    const asking = [patient, measured('o', { identifier: number })];
    const under = async (...more: AnyResource[]) =>
      (await left('jp-anonymized-images', [asking, [binary, ...more]])).resources.find(one => one.resourceType === 'Observation')![
        'device'
      ];
    expect(await under()).toBeUndefined();
    expect(await under(device('d'))).toEqual(toDevice('d', keysOf('jp-anonymized-images')));
  });

  test('that things of two types have leads to the one whose type is said', async () => {
    const things = [device('d'), { resourceType: 'Medication', id: 'm', identifier: [number] }];
    const asking = [
      measured('o1', { identifier: number }),
      measured('o2', { type: 'Device', identifier: number }),
      measured('o3', { type: 'DeviceMetric', identifier: number }),
      measured('o4', { reference: 'Device?identifier=urn:devices|7' }),
      measured('o5', { reference: 'Device?identifier=urn:devices|7&type=x' }),
      measured('o6', { identifier: { value: '7' } }),
      measured('o7', { identifier: { ...number, system: 'urn:other' } }),
      measured('o8', { type: '', identifier: number }),
    ];
    expect((await devices([patient, ...things], asking)).devices).toEqual([
      undefined,
      ...[toDevice('d'), undefined, toDevice('d'), undefined, undefined, undefined, undefined],
    ]);
  });

  test('is looked for in a pass of its own, where one is asked for that is nobody’s of the input', async () => {
    const own = { identifier: { system: 'urn:patients', value: '1' } };
    const files = (reference: Json) => [[patient, device('d')], [measured('o', reference)]] as const;
    expect((await devices(...files({ reference: 'Device/d' }))).passes).toBe(2);
    expect((await devices(...files(own))).passes).toBe(2);
    expect((await devices(...files({ identifier: { system: 'URN:patients', value: '１' } }))).passes).toBe(2);
    const task = { resourceType: 'Task', id: 't', status: 'draft', intent: 'order', requester: { identifier: number } };
    expect((await devices([patient, device('d')], [task])).passes).toBe(2);
    expect((await devices(...files({ type: 'Practitioner', identifier: number }))).passes).toBe(2);
    expect((await devices(...files({ identifier: number }))).passes).toBe(3);
  });
});
