// docs/operation/de-identify.md (files); DARTS 1.0.0-ballot: StructureDefinition/darts-operation-data-urls-parameter
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Problem } from '../../src/fhir/model/outcome.ts';
import type { AnyResource, Json } from '../../src/fhir/model/r4.ts';
import { createSources } from '../../src/http/sources.ts';
import { bundleOfFiles } from '../../src/operations/data-files.ts';
import { openSource, type Source } from '../http/source.ts';

let source: Source;
beforeAll(async () => {
  source = await openSource();
});
beforeEach(() => {
  source.files.clear();
  source.asked.length = 0;
});
afterAll(() => source.close());

const format = { name: 'format', valueCode: 'fhir+ndjson' };
const type = (valueCode: string): Json => ({ name: 'resourceType', valueCode });
const at = (path: string): Json => ({ name: 'resourceUrl', valueUrl: source.origin + path });
const data = (...part: Json[]): Json => ({ name: 'data', part });
const list = (...parameter: Json[]): AnyResource => ({ resourceType: 'Parameters', parameter });

const read = async (given: AnyResource, maxReleaseResources = 100): Promise<AnyResource[]> => {
  const sources = createSources({ fileSources: [`${source.origin}/data`], fileTimeoutMs: 20_000, maxBodyBytes: 1_000_000 });
  const parts = { sources, offerFiles: async () => ({ offered: [], until: 0 }), settings: { maxReleaseResources, maxDepth: 8 } };
  const bundle = await bundleOfFiles(given, 'list', parts);
  return (bundle['entry'] as { resource: AnyResource }[]).map(entry => entry.resource);
};
/** Status, FHIRPath and text of a refusal. */
const refused = (reading: Promise<unknown>): Promise<readonly unknown[]> =>
  reading.then(
    () => [200],
    (thrown: Problem) => {
      expect(thrown).toBeInstanceOf(Problem);
      return [thrown.status, thrown.findings[0]!.expression, thrown.message];
    },
  );

test('lines of several files, however they are cut, in their order; blank lines are none', async () => {
  source.files.set('/data/p', '\ufeff{"resourceType":"Patient","id":"1"}\r\n\n  \n{"resourceType":"Patient","id":"2"}');
  source.files.set('/data/o', async (_, response) => {
    for (const byte of Buffer.from('{"resourceType":"Observation","valueString":"患者"}\n')) {
      response.write(Buffer.of(byte));
      await new Promise(resolve => setImmediate(resolve));
    }
    response.end();
  });
  source.files.set('/data/empty', '');
  const found = await read(
    list(format, data(type('Patient'), at('/data/p')), data(at('/data/o'), type('Observation')), data(type('Patient'), at('/data/empty'))),
  );
  expect(found).toEqual([
    { resourceType: 'Patient', id: '1' },
    { resourceType: 'Patient', id: '2' },
    { resourceType: 'Observation', valueString: '患者' },
  ]);
});

describe('a line that is not what was said names its file and its number, and nothing of itself', () => {
  test.each([
    ['no JSON', '山田', 'no resource in JSON'],
    ['cut off', '{"resourceType":"Patient","name":"山', 'no resource in JSON'],
    ['a list', '[{"resourceType":"Patient"}]', 'no resource in JSON'],
    ['null', 'null', 'no resource in JSON'],
    ['no resource', '{"name":"山田"}', 'no resource in JSON'],
    ['a key twice', '{"resourceType":"Patient","山田":1,"山田":2}', 'no resource in JSON'],
    ['nested too deeply', `{"resourceType":"Patient","a":${'['.repeat(9)}${']'.repeat(9)}}`, 'no resource in JSON'],
    ['another type', '{"resourceType":"山田"}', 'no Patient'],
    ['a type that R4 knows', '{"resourceType":"Observation"}', 'no Patient'],
  ])('%s', async (_, line, why) => {
    source.files.set('/data/good', '{"resourceType":"Patient"}\n');
    source.files.set('/data/bad', `{"resourceType":"Patient"}\n\n${line}\n{"resourceType":"Patient"}\n`);
    const given = list(data(type('Patient'), at('/data/good')), format, data(type('Patient'), at('/data/bad')));
    expect(await refused(read(given))).toEqual([400, "list.parameter.where(name='data')[1]", `Line 3 of this file is ${why}.`]);
  });

  test('no UTF-8', async () => {
    source.files.set('/data/bad', Buffer.from('{"resourceType":"Patient","id":"\xff"}', 'latin1'));
    expect(await refused(read(list(format, data(type('Patient'), at('/data/bad')))))).toEqual([
      400,
      "list.parameter.where(name='data')[0]",
      'Line 1 of this file is no resource in JSON.',
    ]);
  });
});

test('more resources than a data set may hold: 422', async () => {
  source.files.set('/data/p', '{"resourceType":"Patient"}\n'.repeat(3));
  const given = list(format, data(type('Patient'), at('/data/p')));
  expect(await read(given, 3)).toHaveLength(3);
  expect(await refused(read(given, 2))).toEqual([422, "list.parameter.where(name='data')[0]", 'The files hold more than 2 resources.']);
});

test.each<[string, () => AnyResource, number, string, string]>([
  ['no format', () => list(data(type('Patient'), at('/data/p'))), 400, "list.parameter.where(name='format')", 'format is required'],
  ['another format', () => list({ name: 'format', valueCode: 'csv' }), 400, "list.parameter.where(name='format')", 'fhir+ndjson'],
  ['a parameter that is none', () => list(format, { name: 'policy', valueString: 'x' }), 400, 'list.parameter[1].name', 'no parameter'],
  ['a file without URL', () => list(format, data(type('Patient'))), 400, "list.parameter.where(name='resourceUrl')", 'required'],
  ['a file without type', () => list(format, data(at('/data/p'))), 400, "list.parameter.where(name='resourceType')", 'required'],
  ['no type', () => list(format, data(type('Person1'), at('/data/p'))), 400, "list.parameter.where(name='data')[0]", 'no type of FHIR R4'],
  [
    'a URL elsewhere',
    () => list(format, data(type('Patient'), at('/data/p')), data(type('Patient'), at('/other'))),
    400,
    "list.parameter.where(name='data')[1]",
    'FILE_SOURCES',
  ],
  ['many', () => list(format, ...Array.from({ length: 201 }, () => data(type('Patient'), at('/data/p')))), 422, 'list', '200 files'],
])('a list with %s is refused before anything is fetched', async (_, given, status, place, why) => {
  source.files.set('/data/p', '');
  expect(await refused(read(given()))).toEqual([status, place, expect.stringContaining(why)]);
  expect(source.asked).toHaveLength(0);
});

test('a server without sources fetches nothing', async () => {
  const sources = createSources({ fileSources: [], fileTimeoutMs: 1000, maxBodyBytes: 1000 });
  const parts = { sources, offerFiles: async () => ({ offered: [], until: 0 }), settings: { maxReleaseResources: 1, maxDepth: 8 } };
  expect(await refused(bundleOfFiles(list(format, data(type('Patient'), at('/data/p'))), 'list', parts))).toEqual([
    400,
    'list',
    expect.stringContaining('FILE_SOURCES'),
  ]);
  expect(source.asked).toHaveLength(0);
});
