// https://hl7.org/fhir/R4/testreport.html, https://hl7.org/fhir/R4/valueset-report-action-result-codes.html
import { afterAll, beforeAll, expect, test as it } from '@jest/globals';
import { SaxesParser } from 'saxes';
import { validate } from '../../src/fhir/profile/validate.ts';
import { extensionUrls } from '../../src/testscript/extensions.ts';
import { junit } from '../../src/testscript/junit.ts';
import { failed, type ScriptResult } from '../../src/testscript/result.ts';
import { table } from '../../src/testscript/table.ts';
import { testReport } from '../../src/testscript/test-report.ts';
import { check, fixture, type Lab, openLab, patient, read, run } from './lab.ts';

let lab: Lab;
let mixed: ScriptResult;
let broken: ScriptResult;
beforeAll(async () => {
  lab = await openLab();
  const gate = [{ url: extensionUrls().requires, valueString: 'false' }];
  mixed = await run(lab, {
    name: 'Mixed/one',
    url: 'http://example.org/TestScript/mixed',
    version: '1',
    fixture: [fixture('p', patient, { autocreate: true, autodelete: true })],
    setup: { action: [read('S')] },
    test: [
      { name: 'good', description: 'It is good.', action: [read('A'), check({ response: 'okay', description: 'Must be 200' })] },
      { name: 'noted', action: [read('A'), check({ response: 'created', warningOnly: true })] },
      { name: 'bad', action: [read('A'), check({ response: 'created' }), read('B')] },
      { name: 'wrong', action: [read('A'), check({ expression: 'id.(' })] },
      { name: 'left out', extension: gate, action: [read('A')] },
    ],
    teardown: { action: [read('T')] },
  });
  broken = await run(lab, { name: 'Broken', fixture: [fixture('x', undefined)], test: [{ name: 'never', action: [read('A')] }] });
});
afterAll(() => lab.close());

const reporter = { server: 'http://127.0.0.1/fhir', engineName: 'Engine 1', serverName: 'Server 2', tester: 'Somebody' };

it('TestReport: the same setup, tests and teardown, each action with its result; valid by R4', () => {
  const report = testReport(mixed, reporter);
  expect(validate(report)).toEqual([]);
  expect(report).toMatchObject({
    name: 'Mixed/one',
    status: 'completed',
    result: 'fail',
    // Four were run, two of them passed.
    score: 50,
    tester: 'Somebody',
    testScript: { reference: 'http://example.org/TestScript/mixed|1' },
    participant: [
      { type: 'test-engine', display: 'Engine 1' },
      { type: 'server', uri: 'http://127.0.0.1/fhir', display: 'Server 2' },
    ],
    text: { div: expect.stringContaining('Skipped: 1 of 5 tests.') },
  });
  expect(report.setup!.action.map(a => a.operation!.message)).toEqual(['POST Patient → 201', 'GET S → 200']);
  expect(report.teardown!.action.map(a => a.operation!.result)).toEqual(['pass', 'pass']);
  expect(report.test!.map(t => `${t.name}: ${t.action.map(a => (a.operation ?? a.assert)!.result).join(' ')}`)).toEqual([
    'good: pass pass',
    'noted: pass warning',
    'bad: pass fail skip',
    'wrong: pass error',
    'left out: skip',
  ]);
  expect(report.test![0]).toMatchObject({
    description: 'It is good.',
    action: [{ operation: { detail: `${lab.base}/A` } }, { assert: { detail: 'Must be 200' } }],
  });
  expect(report.test![2]!.action[1]!.assert!.message).toBe('The status (created) should be "201", and is "200".');
});

it('TestReport: a script that could not be carried out is a failure, with the reason, and valid', () => {
  const report = testReport(broken, { server: 'http://127.0.0.1/fhir', engineName: 'E' });
  expect(validate(report)).toEqual([]);
  expect(report).toMatchObject({ result: 'fail', testScript: { display: 'Broken' }, text: { div: expect.stringContaining('Fixture x') } });
  expect(report).not.toHaveProperty('score');
});

it('JUnit XML: a suite per script, a case per test', () => {
  const open: string[] = [];
  const parser = new SaxesParser();
  parser.on('error', error => {
    throw error;
  });
  parser.on('opentag', tag =>
    open.push(
      tag.name.startsWith('testsuite')
        ? `${tag.name} ${['name', 'tests', 'failures', 'errors', 'skipped'].map(a => tag.attributes[a]).join(' ')}`
        : tag.name,
    ),
  );
  parser.write(junit([mixed, broken])).close();
  expect(open).toEqual([
    'testsuites TestScript 7 1 2 2',
    'testsuite Mixed/one 5 1 1 1',
    ...['testcase', 'testcase', 'system-out', 'testcase', 'failure', 'testcase', 'error', 'testcase', 'skipped'],
    'testsuite Broken 2 0 1 1',
    ...['testcase', 'error', 'testcase', 'skipped'],
  ]);
});

it('table: a row per script, the first trouble of each, then every failure, error and skip with its reason', () => {
  const lines = table([mixed, broken], 'failures').split('\n');
  expect(lines[0]).toBe('script     tests  pass  warn  fail  error  skip');
  expect(lines[1]).toBe('Mixed/one      5     1     1     1      1     1  bad: The status (created) should be "201", and is "200".');
  expect(lines[2]).toMatch(/^Broken {9}1 {5}0 {5}0 {5}0 {6}1 {5}1 {2}Fixture x: it names no resource\.$/);
  expect(lines[3]).toBe('2 scripts      6     1     1     1      2     2');
  expect(lines).toContain('skip (2)');
  expect(lines).toContain('  Mixed/one · left out: The server does not declare: false');
  expect(lines).not.toContain('warning (1)');
  expect(table([mixed], 'all')).toContain('warning (1)');
});

it('a skip is no failure; a failure, an error and a fault are', () => {
  expect([failed(mixed), failed(broken)]).toEqual([true, true]);
  expect(failed({ ...mixed, tests: mixed.tests.filter(t => !['bad', 'wrong'].includes(t.name)) })).toBe(false);
});
