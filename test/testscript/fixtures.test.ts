// https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.fixture
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test as it } from '@jest/globals';
import { resourceTypes } from '../../src/fhir/model/r4.ts';
import { validate } from '../../src/fhir/profile/validate.ts';
import { extensionUrls } from '../../src/testscript/extensions.ts';
import { findFiles } from '../../src/testscript/files.ts';
import { loadFixture, type Surroundings } from '../../src/testscript/fixtures.ts';
import { generated } from '../../src/testscript/generated.ts';
import { scriptsOf } from '../../src/testscript/source.ts';
import { fixture, json, type Lab, op, openLab, patient, ref, run, test } from './lab.ts';

let root: string;
let lab: Lab;
const at = (...parts: string[]) => path.join(root, ...parts);
const put = (value: unknown, ...parts: string[]) => {
  mkdirSync(path.dirname(at(...parts)), { recursive: true });
  writeFileSync(at(...parts), JSON.stringify(value));
};

beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'testscript-'));
  put({ resourceType: 'TestScript', name: 'A' }, 'suite', 'a', 'script.json');
  put({ ...patient, id: 'typed' }, 'suite', 'a', 'Patient', 'example.json');
  put({ ...patient, id: 'beside' }, 'suite', 'a', 'p.json');
  put({ ...patient, id: 'below' }, 'suite', 'a', 'deep', 'p.json');
  put({ ...patient, id: 'shared' }, 'suite', 'shared', 'p.json');
  put({ ...patient, id: 'secret' }, 'secret.json');
  put({ ...patient, id: 'prefix' }, 'suite', 'a-other', 'p.json');
  symlinkSync(at('secret.json'), at('suite', 'a', 'link.json'));
  symlinkSync(root, at('suite', 'a', 'up'));
  symlinkSync(at('suite', 'a', 'deep', 'p.json'), at('suite', 'a', 'inside.json'));
  execFileSync('mkfifo', [at('suite', 'a', 'pipe.json')]);
  lab = await openLab();
});
afterAll(async () => {
  rmSync(root, { recursive: true });
  await lab.close();
});

/** Id of the fixture that a reference leads to. */
async function idOf(reference: string, roots: string[] = [], more: Partial<Surroundings> = {}): Promise<unknown> {
  const around: Surroundings = {
    source: { file: at('suite', 'a', 'script.json'), bundle: new Map([['urn:uuid:1', { resourceType: 'Patient', id: 'entry' }]]) },
    contained: [{ resourceType: 'Patient', id: 'c' }],
    roots,
    urls: extensionUrls(),
    fetch: async () => ({ resourceType: 'Patient', id: 'fetched' }),
    ...more,
  };
  return (await loadFixture({ id: 'f', autocreate: false, autodelete: false, resource: { reference } }, around)).resource?.id;
}

it('fixture: contained, beside the script in its Bundle, in a file of its directory, by an absolute URL', async () => {
  expect(await idOf('#c')).toBe('c');
  expect(await idOf('urn:uuid:1')).toBe('entry');
  expect(await idOf('p.json')).toBe('beside');
  expect(await idOf('./deep/p.json')).toBe('below');
  expect(await idOf('inside.json')).toBe('below');
  expect(await idOf('Patient/example')).toBe('typed');
  await expect(idOf('Patient/other')).rejects.toThrow('is not in the script’s directory');
  expect(await idOf('http://h/Patient/1')).toBe('fetched');
});

it('fixture: in a directory that the caller named, and in no other', async () => {
  await expect(idOf('../shared/p.json')).rejects.toThrow('is not in the script’s directory');
  expect(await idOf('../shared/p.json', [at('suite')])).toBe('shared');
  await expect(idOf('../../secret.json', [at('suite')])).rejects.toThrow('is not in the script’s directory');
});

it.each([
  '../../secret.json',
  '../a-other/p.json',
  'link.json',
  'up/secret.json',
  '/etc/passwd',
  'file:///etc/passwd',
  '..\\..\\secret.json',
  'none.json',
  '../a',
  '.',
  'deep',
  'p.json\0.json',
])('fixture: %j leads out of the directory or to nothing, and the two answers are the same', async reference => {
  await expect(idOf(reference)).rejects.toThrow(/Fixture f: (?:The file .* is not in the script’s directory|The file is no plain file)/);
});

it('fixture: a pipe is not waited for', async () => {
  await expect(idOf('pipe.json')).rejects.toThrow('no plain file');
});

it('fixture: without a resource, or with one that is none, the tests are skipped and the script is in fault', async () => {
  for (const resource of [undefined, { reference: '#none' }, { display: 'x' }, { reference: 'http://elsewhere.example/Patient/1' }]) {
    const result = await run(lab, { fixture: [fixture('f', resource)], test: [test(op({ type: { code: 'read' }, url: 'A' }))] });
    expect(result.fault).toContain('Fixture f:');
    expect(result.tests[0]!.result).toBe('skip');
    expect(lab.asked).toEqual([]);
  }
});

it('fixture: an absolute URL is fetched of the server under test, and of no other', async () => {
  lab.odd = ({ url }, response) => url === 'Patient/7' && json(response, 200, { ...patient, id: '7' });
  const result = await run(lab, {
    fixture: [fixture('f', { reference: `${lab.base}/Patient/7` })],
    test: [test(op({ type: { code: 'create' }, sourceId: 'f' }))],
  });
  expect(result.tests[0]!.result).toBe('pass');
  expect(lab.asked.map(a => `${a.method} ${a.url}`)).toEqual(['GET Patient/7', 'POST Patient']);
});

it('fixture: a resource is generated for its extension, and is valid for every type', async () => {
  await run(lab, {
    fixture: [fixture('f', { extension: [{ url: extensionUrls().generated, valueCode: 'Patient' }] })],
    test: [test(op({ type: { code: 'create' }, sourceId: 'f' }))],
  });
  expect(JSON.parse(lab.asked[0]!.body)).toMatchObject({ resourceType: 'Patient', name: [{ family: 'Test' }] });
  for (const type of resourceTypes) expect([type, validate(generated(type))]).toEqual([type, []]);
  for (const type of ['Nothing', 'HumanName', 'string', '__proto__']) expect(() => generated(type)).toThrow(/generated/);
});

it('fixture: variables in its body are replaced when it is sent; each run has an id of its own', async () => {
  const script = {
    fixture: [fixture('f', { ...patient, identifier: [{ value: ref('runId') }] })],
    test: [test(op({ type: { code: 'create' }, sourceId: 'f' }))],
  };
  const ids = new Set<string>();
  for (let i = 0; i < 2; i++) {
    await run(lab, script);
    ids.add((JSON.parse(lab.asked[0]!.body) as { identifier: { value: string }[] }).identifier[0]!.value);
  }
  expect(ids.size).toBe(2);
  await run(lab, script, { variables: new Map([['runId', 'mine']]) });
  expect(lab.asked[0]!.body).toContain('"mine"');
});

it('scripts: found in directories; a Bundle may hold several with their fixtures; other files are left alone', () => {
  put(
    {
      resourceType: 'Bundle',
      entry: [
        { fullUrl: 'urn:uuid:1', resource: patient },
        { resource: { resourceType: 'TestScript', name: 'B' } },
        { resource: { resourceType: 'TestScript', name: 'C' } },
      ],
    },
    'bundles',
    'b.json',
  );
  put(patient, 'bundles', 'p.json');
  writeFileSync(at('bundles', 'broken.json'), '{"resourceType": "TestScript"');
  const { files, roots } = findFiles([at('bundles')]);
  expect([files.length, roots.length]).toEqual([3, 1]);
  const scripts = files.flatMap(file => scriptsOf(file, false));
  expect(scripts.map(s => ('json' in s ? s.json['name'] : s.fault))).toEqual(['B', 'C', expect.stringContaining('cannot be read')]);
  expect(scripts[0]!.source.bundle.get('urn:uuid:1')).toEqual(patient);
  expect(scriptsOf(at('bundles', 'p.json'), true)).toMatchObject([{ fault: 'The file holds no TestScript.' }]);
  expect(() => findFiles([at('nowhere')])).toThrow('There is no');
});
