// https://hl7.org/fhir/R4/testscript.html: scripts of others against a real server, over real HTTP; another store by the variable STORE
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bearer } from '../../src/commands/bearer.ts';
import { type Running, startServer } from '../../src/commands/serve.ts';
import { readConfig } from '../../src/config.ts';
import { validate } from '../../src/fhir/profile/validate.ts';
import { extensionUrls } from '../../src/testscript/extensions.ts';
import { findFiles } from '../../src/testscript/files.ts';
import type { ScriptResult } from '../../src/testscript/result.ts';
import { scriptsOf } from '../../src/testscript/source.ts';
import { runSuite } from '../../src/testscript/suite.ts';
import { testReport } from '../../src/testscript/test-report.ts';
import { shared, slow } from '../fhir/profile/shared.ts';

const scripts = path.join(shared, 'suites/testscripts');

/**
 * What does not pass, and why: the name of a script (all of its tests), or `script · test`. A test that passes must not stand here, so the list
 * gets shorter whenever the server learns something.
 */
const known: Readonly<Record<string, string>> = {
  'CRUD/history': 'The server has no history of a type and of the whole, and does not declare patch.',
  'CRUD/patch-json': 'The server does not patch.',
  'Operations/everything-operation': 'The server has no $everything.',
  'Operations/expand-operation': 'The server does not declare $expand.',
  'Operations/validate-code-operation': 'The server does not declare $validate-code.',
  'Validation/validate-op': 'The server has no $validate.',
  'Search/chaining · Compartment search: Patient observations': 'The server does not search in compartments by their URL.',
  ...Object.fromEntries(
    [
      'Device compartment: observations referencing the device',
      'Practitioner compartment: observations referencing the practitioner as performer',
      'Patient compartment wildcard: all resource types linked to the patient',
      'Patient compartment wildcard filtered by _type=Observation',
      'Patient compartment wildcard filtered by _type=Condition',
      'Direct-type compartment route is equivalent to wildcard+_type',
      'Patient compartment wildcard with unsupported _type is ignored with a warning',
      'Patient compartment filtered by a matching performer',
      'Patient compartment filtered by a non-matching performer returns no results',
      'Compartment search combined with _include',
      'Compartment search paging with _count=1',
    ].map(name => [`Search/compartments · ${name}`, 'The server does not search in compartments by their URL.']),
  ),
  ...Object.fromEntries(
    [
      '_has reverse chain: patients with a heart rate observation',
      '_has reverse chain: patients with a body weight observation',
      'GET/POST search equivalence for _has',
    ].map(name => [`Search/chaining · ${name}`, 'The CapabilityStatement does not name _has among the search parameters.']),
  ),
  ...Object.fromEntries(
    [
      'Wildcard _include=* pulls in every direct reference',
      '_revinclude pulls in resources that reference the match',
      'Wildcard _revinclude=* pulls in every referencing resource type',
      '_summary=count excludes included resources from the reported total',
      '_total=accurate excludes included resources from the reported total',
      '_include and _revinclude combine in a single request',
    ].map(name => [`Search/includes · ${name}`, 'The CapabilityStatement declares no wildcards and no searchRevInclude.']),
  ),
  ...Object.fromEntries(
    [
      'contains: url:contains=acme matches ValueSet URL substring',
      'of-type: identifier:of-type matches full system|code|value',
      'of-type: different type code does not match',
      'of-type: different value does not match',
    ].map(name => [`Search/string-modifiers · ${name}`, 'The server does not know this modifier.']),
  ),
  "Search/token · token: :text modifier matches 'free'": 'The server does not know this modifier.',
  "Search/token · token: :text modifier matches 'aux'": 'The server does not know this modifier.',
  'Search/date · Date search matched against an effectivePeriod':
    'The script asks that an instant finds an Observation of a whole year. R4: eq holds when the range of the search value contains that of the target.',
  'CRUD/conditional-create · Conditional create rejects an invalid Prefer preference value':
    'The script asks for 400. RFC 7240: a preference that is not recognized is ignored.',
  'Bundles/transaction · urn:uuid fullUrl references are resolved to the server-assigned id':
    'The script reads resources out of a transaction-response without Prefer: return=representation; R4 leaves it to the server whether they are there.',
  'Search/reference':
    'The script stores a reference that is an id without a type; R4 knows no such relative URL, and the validator refuses it.',
};

slow('TestScripts of others', () => {
  let root: string;
  let running: Running;
  let results: readonly ScriptResult[];

  beforeAll(async () => {
    root = mkdtempSync(path.join(tmpdir(), 'noren-testscripts-'));
    // The scripts take it for granted that the server's day is that of UTC.
    running = await startServer(readConfig(['--port', '0', '--data', root, '--time-zone', 'UTC'], { STORE: process.env['STORE'] }), {
      log: () => {},
    });
    const { files, roots } = findFiles([scripts]);
    ({ results } = await runSuite(
      files.flatMap(file => scriptsOf(file, false)),
      {
        base: new URL(running.baseUrl),
        token: bearer({ client: 'tester', data: root, url: running.baseUrl }),
        urls: extensionUrls(),
        roots,
        // Their word okay means any success: deleting is asked to answer okay, and creating by PUT too.
        anySuccessIsOkay: true,
      },
    ));
  }, 300_000);
  afterAll(async () => {
    await running.close();
    rmSync(root, { recursive: true, force: true });
  });

  const passes = (result: string): boolean => result === 'pass' || result === 'warning';
  const isKnown = (script: string, name: string): boolean => script in known || `${script} · ${name}` in known;

  test('TestScript: every test passes, but for those that are known and explained', () => {
    expect(results.length).toBeGreaterThanOrEqual(29);
    const wrong = results.flatMap(({ name, tests }) =>
      tests.filter(t => !passes(t.result) && !isKnown(name, t.name)).map(t => `${name} · ${t.name}: ${t.reason}`),
    );
    expect(wrong).toEqual([]);
    expect(results.filter(r => r.fault !== undefined).map(r => `${r.name}: ${r.fault}`)).toEqual([]);
  });

  test('TestScript: what is known not to pass still does not: the list holds nothing that is over', () => {
    const over = Object.keys(known).filter(key => {
      const [script, name] = key.split(' · ');
      const tests = results.find(r => r.name === script)?.tests.filter(t => name === undefined || t.name === name) ?? [];
      return tests.length === 0 || tests.every(t => passes(t.result));
    });
    expect(over).toEqual([]);
  });

  test('TestReport: the report of every script is valid', () => {
    const reporter = { server: running.baseUrl, engineName: 'test' };
    for (const result of results) expect([result.name, validate(testReport(result, reporter))]).toEqual([result.name, []]);
  });
});
