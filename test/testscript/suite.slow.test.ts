// https://hl7.org/fhir/R4/testscript.html: scripts of others against a real server, over real HTTP; another store by the variable STORE
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bearer } from '../../src/commands/bearer.ts';
import { type Running, startServer } from '../../src/commands/serve.ts';
import { readConfig } from '../../src/config.ts';
import type { Json } from '../../src/fhir/model/r4.ts';
import { validate } from '../../src/fhir/profile/validate.ts';
import { extensionUrls } from '../../src/testscript/extensions.ts';
import { findFiles } from '../../src/testscript/files.ts';
import type { ScriptResult } from '../../src/testscript/result.ts';
import { type Sourced, scriptsOf } from '../../src/testscript/source.ts';
import { runSuite } from '../../src/testscript/suite.ts';
import { testReport } from '../../src/testscript/test-report.ts';
import { shared, slow } from '../fhir/profile/shared.ts';

const scripts = path.join(shared, 'suites/testscripts');

const sortsHistories = [
  'CRUD/history · instance history with explicit ascending sort returns oldest first',
  'CRUD/history · instance history with explicit descending sort matches default order',
  'CRUD/history · _sort=_id on history is unsupported and returns 400 Bad Request',
];

/**
 * What does not pass, by the reason why: `script · test`, or the name of a script for all of its tests. A test that passes must not stand here, so the
 * list gets shorter whenever the server learns something.
 */
const known: Readonly<Record<string, readonly string[]>> = {
  // What R4 leaves to the server, and the script does not.
  'The script asks for a Bundle where _type names no resource type, though it says itself that servers differ; this server refuses a value that it cannot use.':
    ['Search/compartments · Patient compartment wildcard with unsupported _type is ignored with a warning'],
  'The script stores a reference that is an id without a type, and looks for it by a type; R4 knows no such relative URL: it leads nowhere here (below it is mended).':
    [
      "Search/reference · reference: untyped stored reference resolves via the field's single allowed type",
      'Search/reference · reference: bare untyped query matches a bare untyped stored reference',
    ],
  'The script asks that a type in small letters finds nothing; this server refuses it.': [
    'Search/reference · reference: resource type in a typed reference is case-sensitive',
  ],
  // What the script has wrong.
  'The script sorts histories, which R4 does not know (R5 does); the CapabilityStatement does not declare it.': sortsHistories,
  'The script writes params beside a url, and means both; R4: with a url the params are ignored (below it is mended).': [
    'CRUD/history · _summary=count on history returns totals without entries',
  ],
  'The script’s Appointment is booked and has neither start nor end; R4’s app-3 asks for them, and the validator refuses it (below it is mended).':
    ['Operations/everything-operation'],
  'The script asks for $validate of the system. R4: $validate is for types and instances.': [
    'Validation/validate-op · system-level $validate: valid patient accepted',
    'Validation/validate-op · system-level $validate: invalid patient rejected',
  ],
  'The script asks that an instant finds an Observation of a whole year. R4: eq holds when the range of the search value contains that of the target.':
    ['Search/date · Date search matched against an effectivePeriod'],
  'The script asks for 400. RFC 7240: a preference that is not recognized is ignored.': [
    'CRUD/conditional-create · Conditional create rejects an invalid Prefer preference value',
  ],
};

type Fixtures = { fixture: { id: string; resource: Json }[] };
const fixtureOf = (script: Json, id: string): Json => (script as unknown as Fixtures).fixture.find(f => f.id === id)!.resource;

/** Scripts whose fault keeps tests from being run, or from being run as they are meant: name → what is done about it. */
const mendings: Readonly<Record<string, (script: Json) => void>> = {
  'CRUD/history': script => {
    for (const { action } of script['test'] as { action: { operation?: Json }[] }[])
      for (const { operation } of action)
        if (operation?.['url'] !== undefined) operation['url'] = `${String(operation['url'])}${String(operation['params'] ?? '')}`;
  },
  'Operations/everything-operation': script => {
    Object.assign(fixtureOf(script, 'appt'), { start: '2024-01-01T10:00:00Z', end: '2024-01-01T11:00:00Z' });
  },
  'Search/reference': script => {
    fixtureOf(script, 'pat-org-untyped')['managingOrganization'] = { reference: 'Organization/ignixa-ref-ijk' };
    fixtureOf(script, 'pat-gp-untyped')['generalPractitioner'] = [{ reference: 'Practitioner/ignixa-ref-p2' }];
  },
};

const knownOfMended: Readonly<Record<string, readonly string[]>> = {
  'The script sorts histories, which R4 does not know (R5 does); the CapabilityStatement does not declare it.': sortsHistories,
  'The script gives 3000 where R4 has an instant.': [
    'Operations/everything-operation · $everything: far-future _since returns an empty bundle',
  ],
  'The script asks for an empty Bundle where _type names no resource type; this server refuses a value that it cannot use.': [
    'Operations/everything-operation · $everything: invalid _type value returns an empty bundle',
  ],
  'The script asks that parameters which are not known are left out with a warning; this server refuses them.': [
    'Operations/everything-operation · $everything: unsupported input parameters produce a warning outcome but real results still return',
  ],
  'The script asks that a type in small letters finds nothing; this server refuses it.': [
    'Search/reference · reference: resource type in a typed reference is case-sensitive',
  ],
};
const explained = new Set(Object.values(known).flat());

slow('TestScripts of others', () => {
  let root: string;
  let running: Running;
  let results: readonly ScriptResult[];

  const sources = (): Sourced[] => findFiles([scripts]).files.flatMap(file => scriptsOf(file, false));

  async function all(format: 'json' | 'xml', list = sources()): Promise<readonly ScriptResult[]> {
    const suite = await runSuite(list, {
      base: new URL(running.baseUrl),
      token: bearer({ client: 'tester', data: root, url: running.baseUrl }),
      urls: extensionUrls(),
      format,
      // Their word okay means any success: deleting is asked to answer okay, and creating by PUT too.
      anySuccessIsOkay: true,
    });
    return suite.results;
  }

  beforeAll(async () => {
    root = mkdtempSync(path.join(tmpdir(), 'noren-testscripts-'));
    // The scripts take it for granted that the server's day is that of UTC.
    running = await startServer(readConfig(['--port', '0', '--data', root, '--time-zone', 'UTC'], { STORE: process.env['STORE'] }), {
      log: () => {},
    });
    results = await all('json');
  }, 300_000);
  afterAll(async () => {
    await running.close();
    rmSync(root, { recursive: true, force: true });
  });

  const passes = (result: string): boolean => result === 'pass' || result === 'warning';
  const isKnown = (script: string, name: string): boolean => explained.has(script) || explained.has(`${script} · ${name}`);

  test('TestScript: every test passes, but for those that are known and explained', () => {
    expect(results.length).toBeGreaterThanOrEqual(29);
    const wrong = results.flatMap(({ name, tests }) =>
      tests.filter(t => !passes(t.result) && !isKnown(name, t.name)).map(t => `${name} · ${t.name}: ${t.reason}`),
    );
    expect(wrong).toEqual([]);
    expect(results.filter(r => r.fault !== undefined).map(r => `${r.name}: ${r.fault}`)).toEqual([]);
  });

  test('TestScript: what is known not to pass still does not: the list holds nothing that is over', () => {
    const over = [...explained].filter(key => {
      const [script, name] = key.split(' · ');
      const tests = results.find(r => r.name === script)?.tests.filter(t => name === undefined || t.name === name) ?? [];
      return tests.length === 0 || tests.every(t => passes(t.result));
    });
    expect(over).toEqual([]);
  });

  test('TestScript: mended of their faults, those that could not be run pass too, but for what is explained', async () => {
    const mended = sources().filter(source => 'json' in source && String(source.json['name']) in mendings);
    for (const source of mended) if ('json' in source) mendings[String(source.json['name'])]!(source.json);
    const left = (await all('json', mended)).flatMap(({ name, tests }) =>
      tests.filter(t => !passes(t.result)).map(t => `${name} · ${t.name}`),
    );
    expect(mended.length).toBe(Object.keys(mendings).length);
    expect(left.sort()).toEqual(Object.values(knownOfMended).flat().sort());
  }, 300_000);

  test('TestScript: in XML each test ends as it does in JSON', async () => {
    const ends = (list: readonly ScriptResult[]) =>
      list.flatMap(({ name, tests }) => tests.map(t => `${name} · ${t.name}: ${passes(t.result) ? 'passes' : t.result}`));
    const inXml = ends(await all('xml'));
    const other = inXml.filter(end => !ends(results).includes(end));
    // What is wrong in its JSON has no XML, and nothing is sent.
    expect(other).toEqual([
      'CRUD/create · create blocks a malicious narrative containing a script tag: error',
      'Validation/validate-op · type-level $validate: invalid patient in Parameters wrapper is rejected: error',
    ]);
    expect(inXml.length).toBe(ends(results).length);
  }, 300_000);

  test('TestReport: the report of every script is valid', () => {
    const reporter = { server: running.baseUrl, engineName: 'test' };
    for (const result of results) expect([result.name, validate(testReport(result, reporter))]).toEqual([result.name, []]);
  });
});
