// docs/deidentification/offline.md: noren deidentify
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import { hospitals } from '../../src/generate/hospitals.ts';
import { keysUnder } from '../../src/offline/keys.ts';
import { ofBundle } from '../../src/release/given.ts';
import { pack } from '../../src/release/package.ts';
import { policyNamed } from '../../src/release/policies.ts';
import { series } from '../../src/release/series.ts';
import { slowTest } from '../slow.ts';
import { filesOf, keysIn, linesOf, noren, now, number, type Resource, writeInput } from './deidentify-world.ts';

let root: string;
let input: string;
let keys: string;
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'noren-deidentify-'));
  input = path.join(root, 'in');
  writeInput(input);
  keys = keysIn(root, 7);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

let outs = 0;
const newOut = (): string => path.join(root, `out-${outs++}`);
const deidentify = (out: string, more: readonly string[] = [], from = input, policy = 'jp-anonymized', environment = {}) =>
  noren(['deidentify', '--policy', policy, '--now', now, from, '--out', out, ...more], environment);

const day = (text: unknown): number => Date.parse(String(text)) / 86_400_000;
const referenceOf = (value: unknown): unknown => (value as { reference?: unknown } | undefined)?.reference;

test('deidentify: somebody with records in two files leaves once, where the first record stood, and under one shift', async () => {
  const out = newOut();
  const { code, out: said, err } = await deidentify(out, ['--keys', keys]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const files = filesOf(out);
  expect(Object.keys(files)).toEqual(['a.ndjson', 'b/observations.ndjson', 'b/patients.ndjson', 'encounters.ndjson', 'provenance.json']);
  const [a, b] = linesOf(files['a.ndjson']);
  const male = a?.['gender'] === 'male' ? a : b;
  expect([a?.['gender'], b?.['gender']].sort()).toEqual(['female', 'male']);
  expect(files['b/patients.ndjson']).toBe('');
  const observations = linesOf(files['b/observations.ndjson']);
  expect(observations).toHaveLength(3);
  const his = observations.filter(one => referenceOf(one['subject']) === `Patient/${male?.id}`);
  const days = his.map(one => day(one['effectiveDateTime'])).sort();
  expect(days).toHaveLength(2);
  expect(Math.abs(days[1]! - days[0]!)).toBe(30);
  expect(days.map(one => one - day('2020-01-01'))).not.toContain(0);
  // A reference to what is in the input, and one to what is not.
  const [encounter] = linesOf(files['encounters.ndjson']);
  expect(his.map(one => referenceOf(one['encounter'])).sort()).toEqual([`Encounter/${encounter?.id}`, undefined]);
  expect(referenceOf(encounter?.['subject'])).toBe(`Patient/${male?.id}`);
  expect(JSON.stringify(files)).not.toMatch(/CANARY|00990099|\buno\b|stranger|1980-05/);
  expect(said).toMatch(/4 of 4 files written; 2 persons/);
  expect(said).toMatch(/^Observation {2}\s*4 {5}3$/m);
  const evidence = JSON.parse(files['provenance.json']!) as Resource & {
    policy: string[];
    extension: { extension: { valueInteger?: number }[] }[];
  };
  expect(evidence.policy).toEqual(['https://noren.example/fhir/deidentification-policy/jp-anonymized|1.0.0']);
  expect(evidence.extension.every(one => one.extension[1]!.valueInteger! > 0)).toBe(true);
  expect(JSON.stringify(evidence)).toContain(policyNamed('jp-anonymized').hash);
});

test('deidentify: the same keys make the same bytes with any number of workers; other keys make others; lines stand in the order of the pseudonyms', async () => {
  const [one, two, other] = [newOut(), newOut(), newOut()];
  expect((await deidentify(one, ['--keys', keys])).code).toBe(0);
  expect((await deidentify(two, ['--keys', keys, '--workers', '2'])).code).toBe(0);
  const without = await deidentify(other);
  expect(without.code).toBe(0);
  expect(without.err).toContain('Keys were made for this call and are forgotten');
  expect(filesOf(two)).toEqual(filesOf(one));
  // Times of files in the order of the input would undo pseudonyms for their names.
  expect(new Set(Object.keys(filesOf(two)).map(name => statSync(path.join(two, name)).mtimeMs))).toEqual(new Set([Date.parse(now)]));
  const idsOf = (out: string) => linesOf(filesOf(out)['b/observations.ndjson']).map(({ id }) => id);
  expect(idsOf(one)).toEqual(idsOf(one).toSorted());
  expect(new Set(idsOf(other)).isDisjointFrom(new Set(idsOf(one)))).toBe(true);
});

test.each(['jp-anonymized', 'jp-anonymized-shared', 'jp-anonymized-text', 'hipaa-safe-harbor'] as const)(
  'deidentify: a Bundle leaves as the release of it would, compressed if it was: %s',
  async policy => {
    const resources: AnyResource[] = [...hospitals({ patients: 24, seed: 's', day: '2026-03-01' })].flatMap(({ at }) =>
      at.flatMap(({ bundle }) => {
        const entries = (bundle.entry ?? []) as { fullUrl?: string; resource?: object }[];
        const names = new Map(
          entries.map(({ fullUrl, resource }) => [fullUrl!, `${(resource as Resource).resourceType}/${fullUrl!.slice(9)}`]),
        );
        return entries.map(
          ({ fullUrl, resource }) =>
            JSON.parse(
              JSON.stringify({ ...resource, id: fullUrl!.slice(9) }).replace(/urn:uuid:[0-9a-f-]{36}/g, found => names.get(found) ?? found),
            ) as AnyResource,
        );
      }),
    );
    const bundle: AnyResource = { resourceType: 'Bundle', type: 'collection', entry: resources.map(resource => ({ resource })) };
    const from = path.join(root, `bundle-${policy}`);
    mkdirSync(from);
    writeFileSync(path.join(from, 'all.json.gz'), gzipSync(JSON.stringify(bundle)));
    const out = newOut();
    expect((await deidentify(out, ['--keys', keys], from, policy)).code).toBe(0);
    const made = JSON.parse(filesOf(out)['all.json.gz']!) as { type: string; entry: { fullUrl: string; resource: Resource }[] };
    const compiled = policyNamed(policy);
    const secret = Buffer.alloc(32, 7);
    const server = series(compiled, secret, { base: 'https://noren.example/fhir', now: Date.parse(now), timeZone: 'Asia/Tokyo' });
    const of = { ...server, keys: keysUnder(secret, compiled.policy) };
    const types = new Set(compiled.types.keys());
    const { bytes } = await pack(await ofBundle(bundle, new Set(), types, of, 1e6), types, of);
    const released = JSON.parse(Buffer.concat([...bytes]).toString()) as typeof made;
    expect(made.type).toBe('collection');
    expect(made.entry.length).toBeGreaterThan(50);
    expect(made.entry.slice(0, -1)).toEqual(released.entry.slice(0, -1));
    const { extension: _, ...evidence } = released.entry.at(-1)!.resource;
    expect(made.entry.at(-1)!.resource).toEqual({ ...evidence, id: expect.anything(), target: expect.anything() });
  },
);

test('deidentify: texts are cleaned by what all files say of the person, of those around him and of staff; what is known of people stands nowhere unsealed, and of one call', async () => {
  const from = path.join(root, 'texts');
  mkdirSync(from);
  const put = (name: string, resources: readonly object[]) =>
    writeFileSync(path.join(from, name), resources.map(one => `${JSON.stringify(one)}\n`).join(''));
  const condition = (id: string, patient: string, text: string) => ({
    ...{ resourceType: 'Condition', id, subject: { reference: `Patient/${patient}` }, code: { text } },
  });
  put('a-conditions.ndjson', [
    condition('c1', 'p', '高血圧（久遠寺様の夫、担当は鷹匠谷医師、番号 00990099）'),
    condition('c2', 'q', '高血圧（久遠寺様）'),
    condition('c3', 'p', '糖尿病'),
  ]);
  put('patients.ndjson', [
    { resourceType: 'Patient', id: 'p', identifier: [number], name: [{ family: '綾小路', given: ['京介'] }] },
    { resourceType: 'Patient', id: 'q' },
  ]);
  put('related.ndjson', [
    { resourceType: 'RelatedPerson', id: 'r', patient: { reference: 'Patient/p' }, name: [{ family: '久遠寺', given: ['凛'] }] },
  ]);
  put('staff.ndjson', [{ resourceType: 'Practitioner', id: 'd', name: [{ family: '鷹匠谷', given: ['蓮'] }] }]);
  const [one, two, cut] = [newOut(), newOut(), newOut()];
  expect((await deidentify(one, ['--keys', keys], from, 'jp-anonymized-text')).code).toBe(0);
  expect((await deidentify(two, ['--keys', keys, '--workers', '3'], from, 'jp-anonymized-text')).code).toBe(0);
  const files = filesOf(one);
  expect(filesOf(two)).toEqual(files);
  const texts = linesOf(files['a-conditions.ndjson']).map(({ code }) => (code as { text?: string } | undefined)?.text);
  expect(texts.filter(text => text?.includes('高血圧'))).toHaveLength(2);
  expect(texts).toContain('糖尿病');
  expect(texts.join()).not.toMatch(/鷹匠谷|00990099/);
  // His own family's names clean the texts about him.
  expect(texts.find(text => text?.includes('担当'))).not.toContain('久遠寺');
  await deidentify(cut, ['--keys', keys], from, 'jp-anonymized-text', { NOREN_CRASH_AT: 'file:1' });
  const left = path.join(cut, '.noren-deidentify');
  const shelves = readdirSync(left).filter(name => name.startsWith('shelf.'));
  expect(shelves.length).toBeGreaterThan(0);
  // Of records as well. Other files there are on their way out.
  for (const name of shelves) expect(readFileSync(path.join(left, name), 'utf8')).not.toMatch(/久遠寺|綾小路|00990099/);
});

test('deidentify: a policy that looks at the data set as a whole counts persons over all files; what too few have goes', async () => {
  const from = path.join(root, 'shared');
  mkdirSync(from);
  const observation = (i: number, code: string) => ({
    ...{ resourceType: 'Observation', id: `${code}-${i}`, status: 'final', code: { coding: [{ system: 'http://loinc.org', code }] } },
    ...{ subject: { reference: `Patient/p${i}` } },
  });
  const put = (name: string, resources: readonly object[]) =>
    writeFileSync(path.join(from, name), resources.map(one => `${JSON.stringify(one)}\n`).join(''));
  const persons = Array.from({ length: 12 }, (_, i) => i);
  put(
    'patients.ndjson',
    persons.map(i => ({ resourceType: 'Patient', id: `p${i}` })),
  );
  // Ten persons, six of them in one file and four in the other; nine persons; one person ten times. The mark that something went is borne by ten.
  put('a.ndjson', [...persons.slice(0, 6).map(i => observation(i, '8867-4')), ...persons.slice(0, 9).map(i => observation(i, '9279-1'))]);
  put('b.ndjson', [...persons.slice(6, 10).map(i => observation(i, '8867-4')), ...new Array(10).fill(observation(9, '8310-5'))]);
  const [one, two] = [newOut(), newOut()];
  expect((await deidentify(one, ['--keys', keys], from, 'jp-anonymized-shared')).code).toBe(0);
  expect((await deidentify(two, ['--keys', keys, '--workers', '2'], from, 'jp-anonymized-shared')).code).toBe(0);
  const files = filesOf(one);
  expect(filesOf(two)).toEqual(files);
  const text = JSON.stringify([files['a.ndjson'], files['b.ndjson']]);
  expect([text.split('8867-4').length - 1, text.includes('9279-1'), text.includes('8310-5')]).toEqual([10, false, false]);
  const evidence = JSON.parse(readFileSync(path.join(one, 'provenance.json'), 'utf8')) as {
    entity: { what: { identifier: { system: string; value: string } } }[];
  };
  const plans = evidence.entity.map(({ what }) => what.identifier).filter(({ system }) => system.endsWith('/jp-anonymized-shared#plan'));
  expect(plans).toEqual([{ system: expect.anything(), value: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
});

test('deidentify: codes that are rare in a national list go up the hierarchy that the policy gives; the report names rare combinations', async () => {
  const from = path.join(root, 'national');
  mkdirSync(from);
  const medis = 'http://medis.or.jp/CodeSystem/master-disease-keyNumber';
  const condition = (i: number, code: string) => ({
    ...{ resourceType: 'Condition', id: `${code}-${i}`, code: { coding: [{ system: medis, code }] } },
    ...{ subject: { reference: `Patient/p${i}` } },
  });
  for (let i = 0; i < 24; i++)
    writeFileSync(
      path.join(from, `${i}.ndjson`),
      [
        { resourceType: 'Patient', id: `p${i}`, gender: i === 0 ? 'other' : 'female' },
        condition(i, i < 12 ? '20062520' : '20062521'),
        ...(i % 12 === 0 ? [condition(i, '20062530')] : [condition(i, i % 2 === 0 ? '20062530' : '20062531')]),
      ]
        .map(one => `${JSON.stringify(one)}\n`)
        .join(''),
    );
  const policy = path.join(root, 'national.json');
  const written = (dataSet: object) =>
    writeFileSync(
      policy,
      JSON.stringify({ ...{ name: 'national', version: '1', title: 'National', extends: 'jp-anonymized-shared' }, dataSet }),
    );
  const population = [{ system: medis, code: '20062520', patients: 3 }];
  written({ k: 10, population, hierarchies: { [medis]: { 20062520: '20062500', 20062521: '20062500' } } });
  const [out, report] = [newOut(), path.join(root, 'national-report.json')];
  const { code, err } = await deidentify(out, ['--keys', keys, '--report', report], from, policy);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const text = JSON.stringify(filesOf(out));
  expect(['20062500', '20062520', '20062530'].map(one => text.includes(one))).toEqual([true, false, true]);
  const { dataSet } = JSON.parse(readFileSync(report, 'utf8')) as {
    dataSet: { persons: number; pairs: { rarest: { persons: number }[] } };
  };
  expect(dataSet.persons).toBe(24);
  // Nobody else is of that sex and has that disease.
  expect(dataSet.pairs.rarest[0]).toMatchObject({
    looks: [expect.stringContaining('other'), expect.stringContaining('2006253')],
    persons: 1,
  });
  written({ k: 10, population: [{ ...population[0], patients: -1 }] });
  const refused = await deidentify(newOut(), ['--keys', keys], from, policy);
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('dataSet.population[0].patients')]);
});

test('deidentify: what cannot be read is told of by file and line, without its text; nothing is written, or the rest with --skip-bad', async () => {
  const from = path.join(root, 'bad');
  mkdirSync(from);
  writeFileSync(
    path.join(from, 'x.ndjson'),
    `${readFileSync(path.join(input, 'a.ndjson'))}\n{"resourceType":"Patient","id":"CANARY\n{"resourceType":"Canary"}\n`,
  );
  writeFileSync(path.join(from, 'y.json'), '{"resourceType":"Patient","gender":"male","gender":"female"}');
  writeFileSync(path.join(from, 'z.ndjson.gz'), 'CANARY, not compressed');
  const [none, some] = [newOut(), newOut()];
  const stopped = await deidentify(none, ['--keys', keys], from);
  expect(stopped.code).toBe(1);
  expect(stopped.err).toMatch(/x\.ndjson, line 4: .*JSON/);
  expect(stopped.err).toMatch(/x\.ndjson, line 5: is no resource of FHIR R4/);
  expect(stopped.err).toMatch(/y\.json: .*twice/);
  expect(stopped.err).toMatch(/z\.ndjson\.gz: .*gzip/);
  expect(stopped.err + stopped.out).not.toContain('CANARY');
  expect(existsSync(none)).toBe(false);
  const skipped = await deidentify(some, ['--keys', keys, '--skip-bad'], from);
  expect(skipped.code).toBe(2);
  expect(skipped.out).toContain('4 bad lines or files left out');
  expect(linesOf(filesOf(some)['x.ndjson'])).toHaveLength(2);
});

slowTest('deidentify: killed after a file and called again with --resume it writes what it would have written in one go', async () => {
  const whole = newOut();
  await deidentify(whole, ['--keys', keys]);
  const cut = newOut();
  for (const at of ['1', '1', '2']) {
    const killed = await deidentify(cut, ['--keys', keys, '--resume'], input, 'jp-anonymized', { NOREN_CRASH_AT: `file:${at}` });
    expect(killed.signal).toBe('SIGKILL');
  }
  expect(readFileSync(path.join(cut, '.noren-deidentify/manifest.ndjson'), 'utf8')).not.toMatch(/CANARY|stranger|00990099/);
  const other = keysIn(root, 9);
  for (const [args, policy, sentence] of [
    [['--keys', keys], 'jp-anonymized', /is not empty/],
    [['--keys', other, '--resume'], 'jp-anonymized', /begun with other keys/],
    [['--keys', keys, '--resume'], 'jp-pseudonymized', /begun under another policy/],
    [['--keys', keys, '--resume', '--rename'], 'jp-anonymized', /begun with other flags or inputs/],
  ] as const) {
    const refused = await deidentify(cut, args, input, policy);
    expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(sentence)]);
  }
  // The day of the release is that of the beginning.
  const ended = await noren(['deidentify', '--policy', 'jp-anonymized', '--keys', keys, input, '--out', cut, '--resume']);
  expect(ended.code).toBe(0);
  expect(filesOf(cut)).toEqual(filesOf(whole));
});

slowTest(
  'deidentify: --resume is refused where a file that was not done yet has changed, as persons are put together over all of them',
  async () => {
    const [from, out] = [path.join(root, 'changing'), newOut()];
    writeInput(from);
    await deidentify(out, ['--keys', keys], from, 'jp-anonymized', { NOREN_CRASH_AT: 'file:1' });
    // One of them is done, which one is not said.
    const said: string[] = [];
    for (const name of ['encounters.ndjson', 'b/observations.ndjson', 'a.ndjson']) {
      const file = path.join(from, name);
      const before = readFileSync(file);
      writeFileSync(file, '');
      const refused = await deidentify(out, ['--keys', keys, '--resume'], from);
      expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(/nputs? .*(?:have|has) changed since/)]);
      said.push(refused.err);
      writeFileSync(file, before);
    }
    expect(said.filter(one => one.includes('Inputs have changed since the work began')).length).toBeGreaterThan(1);
    expect((await deidentify(out, ['--keys', keys, '--resume'], from)).code).toBe(0);
  },
);

test('deidentify: what would go wrong is refused with one sentence, and nothing is written', async () => {
  const readable = keysIn(root, 7, 'readable.json');
  chmodSync(readable, 0o644);
  const short = path.join(root, 'short.json');
  writeFileSync(short, JSON.stringify({ secret: 'c2hvcnQ=' }), { mode: 0o600 });
  const out = newOut();
  for (const [args, sentence] of [
    [['--policy', 'jp-anonymized', input, '--out', path.join(input, 'out')], /would stand within an input/],
    [['--policy', 'jp-anonymized', input, '--out', input], /would stand within an input/],
    [['--policy', 'jp-anonymized', input, '--out', root], /stands within the directory of the output/],
    [['--policy', 'jp-anonymized', path.join(root, 'nowhere'), '--out', out], /cannot be read/],
    [['--policy', 'jp-anonymised', input, '--out', out], /no policy that comes along/],
    [['--policy', 'jp-anonymized', input, '--out', out, '--keys', readable], /may be read by others/],
    [['--policy', 'jp-anonymized', input, '--out', out, '--keys', short], /base64 of 32 bytes or more/],
    [['--policy', 'jp-anonymized', input, '--out', out, '--resume'], /--resume needs --keys/],
    [['--policy', 'jp-anonymized', input, '--out', out, '--report', path.join(root, 'nowhere/r.json')], /stands in no directory/],
    [['--policy', 'jp-anonymized', input, '--out', out, '--report', path.join(out, 'r.json')], /would stand within the output/],
    [
      ['--policy', 'jp-anonymized', input, '--out', out, '--time-zone', 'Asia/Nowhere'],
      /--time-zone must be the name of a time zone, such as Asia\/Tokyo\.$/m,
    ],
  ] as const) {
    const { code, err } = await noren(['deidentify', ...args]);
    expect([code, err]).toEqual([1, expect.stringMatching(sentence)]);
    expect(err).not.toContain('CANARY');
  }
  expect(existsSync(out)).toBe(false);
});

test('deidentify: a file whose name holds a name or a number of a patient gets a pseudonym for a name, and it is told how many; the others keep theirs', async () => {
  const telling = path.join(root, 'telling');
  mkdirSync(telling);
  writeFileSync(
    path.join(telling, 'CANARY_Taro-1.ndjson'),
    readFileSync(path.join(input, 'a.ndjson')).toString().replace('CANARY Taro', 'Taro'),
  );
  const numbered = path.join(root, 'numbered');
  writeInput(numbered);
  renameSync(path.join(numbered, 'encounters.ndjson'), path.join(numbered, 'visits_00990099.ndjson'));
  // A directory for each person, in which his Patient stands in one file of several.
  const named = path.join(root, 'named');
  mkdirSync(path.join(named, 'やまだ花子_1990'), { recursive: true });
  const lines = (...resources: object[]): string => resources.map(one => `${JSON.stringify(one)}\n`).join('');
  const of = { subject: { reference: 'Patient/p' } };
  writeFileSync(path.join(named, 'a.ndjson'), lines({ resourceType: 'Patient', id: 'p', name: [{ family: 'ヤマダ', given: ['花子'] }] }));
  writeFileSync(
    path.join(named, 'やまだ花子_1990', 'Encounter.ndjson'),
    lines({ resourceType: 'Encounter', id: 'e', status: 'finished', ...of }),
  );
  // By an id, and by names with what stands between their words.
  const uuid = '6f1c2b3a-1111-4222-8333-444455556666';
  const joined = path.join(root, 'joined');
  mkdirSync(path.join(joined, '林'), { recursive: true });
  const patients = [
    { resourceType: 'Patient', id: uuid, name: [{ family: "O'Brien-García", given: ['Anne-Marie'] }] },
    { resourceType: 'Patient', id: 'h', name: [{ family: '林', given: ['太郎'] }] },
  ];
  writeFileSync(path.join(joined, 'a.ndjson'), lines(...patients));
  const tellingNames = [`Observation-${uuid}`, 'obrien_garcia', 'anne-marie-1', '林/x'];
  for (const name of [...tellingNames, 'Observation-1', '2024-01'])
    writeFileSync(
      path.join(joined, `${name}.ndjson`),
      lines({ resourceType: 'Encounter', id: name.replace(/\W/g, ''), status: 'finished' }),
    );
  {
    const out = newOut();
    const { out: said } = await noren(['deidentify', '--policy', 'jp-anonymized', joined, '--out', out]);
    expect(said).toContain('; 4 have pseudonyms for names');
    for (const name of tellingNames) expect(Object.keys(filesOf(out))).not.toContain(`${name}.ndjson`);
    expect(Object.keys(filesOf(out))).toEqual(expect.arrayContaining(['2024-01.ndjson', 'Observation-1.ndjson', 'a.ndjson']));
  }
  for (const [folder, kept] of [
    [named, 'a.ndjson'],
    [telling, ''],
    [numbered, 'a.ndjson'],
  ] as const) {
    const out = newOut();
    const { code, out: said } = await noren(['deidentify', '--policy', 'jp-anonymized', folder, '--out', out]);
    expect([code, said]).toEqual([0, expect.stringContaining('; 1 have pseudonyms for names')]);
    const names = Object.keys(filesOf(out));
    expect(names.filter(name => /^[0-9a-f-]{36}\.ndjson$/.test(name))).toHaveLength(1);
    expect(names.join()).toContain(kept);
    expect(names.join()).not.toMatch(/CANARY|00990099|花子/);
  }
  const out = newOut();
  await noren(['deidentify', '--policy', 'jp-anonymized', input, '--out', out, '--rename']);
  expect(Object.keys(filesOf(out)).filter(name => !/^[0-9a-f-]{36}\.(?:nd)?json(?:\.gz)?$/.test(name))).toEqual(['provenance.json']);
});

test('deidentify: under a configuration with fhirPathRules lines stay in their order, and what is unsafe in it is told', async () => {
  const policy = path.join(root, 'rules.json');
  const rules = ['Patient.name', 'Practitioner.name', 'Observation.note'].map(at => ({ path: at, method: 'redact' }));
  writeFileSync(policy, JSON.stringify({ fhirVersion: 'R4', fhirPathRules: rules, parameters: {} }));
  const out = newOut();
  const { code, err, out: said } = await deidentify(out, ['--keys', keys, '--workers', '2'], input, policy);
  expect(code).toBe(0);
  expect(err).toContain('warning: ');
  const files = filesOf(out);
  expect(linesOf(files['b/observations.ndjson']).map(({ id }) => id)).toEqual(['o1', 'o2', 'o3', 'o4']);
  expect(JSON.stringify(files)).not.toContain('CANARY');
  expect(said).toMatch(/^redact {3}4$/m);
});

test('deidentify: dates that a configuration moves by folder move by the one that was named, or in which the file stands that was, whatever else is named', async () => {
  const policy = path.join(root, 'folders.json');
  const parameters = { dateShiftKey: '123', dateShiftScope: 'folder' };
  writeFileSync(policy, JSON.stringify({ fhirPathRules: [{ path: 'Patient.birthDate', method: 'dateShift' }], parameters }));
  const given = (folder: string, name: string): string => {
    const file = path.join(root, folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify({ resourceType: 'Patient', id: name, birthDate: '2001-01-01' }));
    return file;
  };
  const [a, b, c] = [given('f1', 'a.json'), given('f1', 'below/b.json'), given('g1', 'c.json')];
  const left = async (...named: string[]): Promise<Record<string, unknown>> => {
    const out = newOut();
    expect((await noren(['deidentify', '--policy', policy, '--keys', keys, ...named, '--out', out])).code).toBe(0);
    const files = Object.entries(filesOf(out)).filter(([name]) => name !== 'provenance.json');
    return Object.fromEntries(files.map(([name, text]) => [path.basename(name), (JSON.parse(text) as Resource)['birthDate']]));
  };
  const [one, other] = [await left(path.join(root, 'f1')), await left(path.join(root, 'g1'))];
  expect(one['a.json']).toBe(one['b.json']);
  expect(one['a.json']).not.toBe(other['c.json']);
  expect(await left(path.join(root, 'g1'), path.join(root, 'f1'))).toEqual({ ...one, ...other });
  expect(await left(c, a)).toEqual({ 'a.json': one['a.json'], 'c.json': other['c.json'] });
  expect(Object.keys(await left(b))).toEqual(['b.json']);
});
