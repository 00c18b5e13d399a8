// https://hl7.org/fhir/R4/testscript.html
import { afterAll, beforeAll, beforeEach, expect, test as it } from '@jest/globals';
import { extensionUrls } from '../../src/testscript/extensions.ts';
import { failed } from '../../src/testscript/result.ts';
import { check, fixture, json, type Lab, op, openLab, outcome, patient, read, ref, run, test, words } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
beforeEach(() => {
  lab.odd = () => false;
});
afterAll(() => lab.close());

const urls = extensionUrls();
const ways = () => lab.asked.map(a => `${a.method} ${a.url}`);
const create = op({ type: { code: 'create' }, resource: 'Patient', sourceId: 'p', responseId: 'made' });
const p = fixture('p', patient);
const okay = check({ response: 'okay' });

it('TestScript: autocreate, setup, tests, teardown, autodelete, in this order', async () => {
  const result = await run(lab, {
    fixture: [fixture('p', patient, { autocreate: true, autodelete: true })],
    setup: { action: [read('Setup')] },
    test: [test(read('TestA'), okay), test(read('TestB'), okay)],
    teardown: { action: [read('Teardown')] },
  });
  expect(ways()).toEqual([
    'POST Patient',
    'GET Setup',
    'GET TestA',
    'GET TestB',
    'GET Teardown',
    expect.stringMatching(/^DELETE Patient\/s\d+$/),
  ]);
  expect(failed(result)).toBe(false);
  expect(result.tests.map(t => t.result)).toEqual(['pass', 'pass']);
  expect([result.setup.length, result.teardown.length]).toEqual([2, 2]);
});

it('TestScript: a failed autocreate skips all tests and still clears away', async () => {
  lab.odd = ({ method }, response) => method === 'POST' && json(response, 422, outcome('invariant'));
  const result = await run(lab, {
    fixture: [fixture('p', patient, { autocreate: true, autodelete: true })],
    test: [test(read('TestA'))],
    teardown: { action: [read('Teardown')] },
  });
  expect(ways()).toEqual(['POST Patient', 'GET Teardown']);
  expect(result.tests[0]).toMatchObject({ result: 'skip', reason: expect.stringContaining('It is invariant.') });
  expect(result.teardown.at(-1)).toMatchObject({ result: 'skip' });
  expect(failed(result)).toBe(true);
});

it('TestScript: a failed setup skips all tests, the teardown is done', async () => {
  const result = await run(lab, {
    setup: { action: [read('Patient/none'), read('Never')] },
    test: [test(read('TestA'))],
    teardown: { action: [read('Teardown')] },
  });
  expect(ways()).toEqual(['GET Patient/none', 'GET Teardown']);
  expect(result.setup.map(a => a.result)).toEqual(['fail', 'skip']);
  expect(result.tests[0]!.result).toBe('skip');
  expect(failed(result)).toBe(true);
});

it('TestScript: a test stops at its first failure, the next test is run', async () => {
  const result = await run(lab, { test: [test(read('A'), check({ response: 'created' }), read('B')), test(read('C'), okay)] });
  expect(words(result)).toBe('pass fail skip');
  expect(ways()).toEqual(['GET A', 'GET C']);
  expect(result.tests.map(t => t.result)).toEqual(['fail', 'pass']);
  expect(result.tests[0]!.reason).toBe('The status (created) should be "201", and is "200".');
});

it('TestScript: where a status is another one, the reason says what the answer says', async () => {
  const result = await run(lab, { test: [test(read('Patient/none'), okay)] });
  expect(result.tests[0]!.reason).toBe('The status (okay) should be "200", and is "404". It is not-found.');
});

it('TestScript: warningOnly is noted, and the test goes on', async () => {
  const result = await run(lab, { test: [test(read('A'), check({ response: 'created', warningOnly: true }), read('B'))] });
  expect(words(result)).toBe('pass warning pass');
  expect(result.tests[0]!.result).toBe('warning');
  expect(failed(result)).toBe(false);
});

it('TestScript: an operation that fails is a failure, unless an assert asks for its status', async () => {
  expect(words(await run(lab, { test: [test(read('Patient/none'), check({ resource: 'OperationOutcome' }))] }))).toBe('pass pass');
  expect(words(await run(lab, { test: [test(read('Patient/none'), check({ response: 'notFound' }))] }))).toBe('pass pass');
  expect(words(await run(lab, { test: [test(read('Patient/none'), check({ responseCode: '400,404', operator: 'in' }))] }))).toBe(
    'pass pass',
  );
  expect(words(await run(lab, { test: [test(read('Patient/none'), check({ contentType: 'json' }))] }))).toBe('fail skip');
  // Asked of by id, later.
  const later = [read('Patient/none', { responseId: 'r' }), read('A'), check({ sourceId: 'r', response: 'notFound' })];
  expect(words(await run(lab, { test: [test(...later)] }))).toBe('pass pass pass');
  // The status of another operation is no question about this one.
  expect(words(await run(lab, { test: [test(read('Patient/none'), read('A'), okay)] }))).toBe('fail skip skip');
});

it('TestScript: a failed status is forgiven when the next assert, a warning only, names another one that holds', async () => {
  const forgiven = (second: object) =>
    run(lab, { test: [test(read('Patient/none'), check({ response: 'gone', warningOnly: false }), check(second), read('A'))] });
  expect(words(await forgiven({ response: 'notFound', warningOnly: true }))).toBe('pass warning pass pass');
  expect(words(await forgiven({ response: 'bad', warningOnly: true }))).toBe('pass fail skip skip');
  expect(words(await forgiven({ response: 'notFound' }))).toBe('pass fail skip skip');
  // Something else that holds does not forgive.
  expect(words(await forgiven({ resource: 'OperationOutcome', warningOnly: true }))).toBe('pass fail skip skip');
});

it('TestScript: of a group of asserts one has to hold', async () => {
  const member = (says: object) => check({ ...says, warningOnly: true, extension: [{ url: urls.anyOf, valueString: 'g' }] });
  const grouped = (...says: object[]) => run(lab, { test: [test(read('Patient/none'), ...says.map(member))] });
  expect(words(await grouped({ response: 'gone' }, { response: 'notFound' }))).toBe('pass skip pass');
  const none = await grouped({ response: 'gone' }, { response: 'okay' });
  expect(words(none)).toBe('pass skip fail');
  expect(none.tests[0]!.reason).toContain('None of the alternatives g holds');
  expect((await grouped({ response: 'gone' })).fault).toContain('single member');
});

it('TestScript: an assert with a condition is looked at only when the earlier status was one of those', async () => {
  const when = (status: number) => ({
    extension: [
      {
        url: urls.when,
        extension: [
          { url: 'sourceId', valueString: 'r' },
          { url: 'status', valueInteger: status },
        ],
      },
    ],
  });
  const conditional = (status: number) =>
    run(lab, { test: [test(read('A', { responseId: 'r' }), read('B'), check({ response: 'created', ...when(status) }))] });
  expect(words(await conditional(202))).toBe('pass pass skip');
  expect(words(await conditional(200))).toBe('pass pass fail');
});

it('TestScript: an operation that waits is sent again until the status is another one', async () => {
  let left = 2;
  lab.odd = ({ url }, response) => url === 'job' && left-- > 0 && json(response, 202, {});
  const waiting = (attempts: number) => ({
    extension: [
      {
        url: urls.wait,
        extension: [
          { url: 'intervalMs', valueInteger: 1 },
          { url: 'maxAttempts', valueInteger: attempts },
        ],
      },
    ],
  });
  expect(words(await run(lab, { test: [test(read('job', waiting(5)), okay)] }))).toBe('pass pass');
  expect(lab.asked).toHaveLength(3);
  left = 9;
  const never = await run(lab, { test: [test(read('job', waiting(2)), okay)] });
  expect(never.tests[0]).toMatchObject({ result: 'error', reason: 'The status was still 202 after 2 attempts.' });
});

it('TestScript: a test runs once per value, with the variable bound to it', async () => {
  const each = {
    extension: [
      {
        url: urls.each,
        extension: [
          { url: 'variable', valueString: 'v' },
          { url: 'values', valueString: 'a, b' },
        ],
      },
    ],
  };
  const result = await run(lab, {
    variable: [{ name: 'v', defaultValue: 'x' }],
    test: [{ ...test(read(`Patient?q=${ref('v')}`)), ...each }, test(read(`Patient?q=${ref('v')}`))],
  });
  expect(ways()).toEqual(['GET Patient?q=a', 'GET Patient?q=b', 'GET Patient?q=x']);
  expect(result.tests.map(t => t.name)).toEqual(['test [a]', 'test [b]', 'test']);
});

it('TestScript: a capability that is not declared skips, of the script or of a test, with its reason; without a statement nothing is skipped', async () => {
  const gate = (expression: string) => ({ extension: [{ url: urls.requires, valueString: expression }] });
  const patch = "rest.resource.where(type='Patient').interaction.where(code='patch').exists()";
  const reads = "rest.resource.where(type='Patient').interaction.where(code='read').exists()";
  const one = await run(lab, {
    test: [
      { ...test(read('A')), ...gate(patch) },
      { ...test(read('B')), ...gate(reads) },
    ],
  });
  expect(one.tests.map(t => t.result)).toEqual(['skip', 'pass']);
  expect(one.tests[0]!.reason).toContain('The server does not declare: rest.resource');
  const all = await run(lab, {
    ...gate(patch),
    fixture: [fixture('x', undefined)],
    setup: { action: [read('S')] },
    test: [test(read('A'))],
    teardown: { action: [read('T')] },
  });
  expect([all.tests[0]!.result, lab.asked.length, failed(all)]).toEqual(['skip', 0, false]);
  const broken = await run(lab, { test: [{ ...test(read('A')), ...gate('rest.(') }] });
  expect(broken.tests[0]!.result).toBe('error');
  const short = await run(lab, { test: [{ ...test(read('A')), requiresCapability: patch }] });
  expect(short.tests[0]!.result).toBe('skip');
  lab.statement = undefined;
  expect((await run(lab, { test: [{ ...test(read('A')), ...gate(patch) }] })).tests[0]!.result).toBe('pass');
  lab.statement = { fhirVersion: '4.0.1', rest: [{ mode: 'server', resource: [{ type: 'Patient', interaction: [{ code: 'read' }] }] }] };
});

it('TestScript: metadata.capability that is required skips all tests, one that is validated is an error', async () => {
  const wanted = (code: string) => ({
    resourceType: 'CapabilityStatement',
    id: 'c',
    rest: [{ mode: 'server', resource: [{ type: 'Patient', interaction: [{ code }] }] }],
  });
  const script = (code: string, what: object) => ({
    contained: [wanted(code)],
    metadata: { capability: [{ required: false, validated: false, capabilities: '#c', ...what }] },
    test: [test(read('A'))],
  });
  expect((await run(lab, script('read', { required: true }))).tests[0]!.result).toBe('pass');
  expect((await run(lab, script('delete', { required: true }))).tests[0]).toMatchObject({
    result: 'skip',
    reason: 'The server does not declare: Patient.interaction delete',
  });
  expect((await run(lab, script('delete', { validated: true }))).fault).toContain('Patient.interaction delete');
});

it('TestScript: a test for other FHIR versions is skipped', async () => {
  const version = (list: string) => ({ extension: [{ url: urls.versions, valueString: list }] });
  const result = await run(lab, {
    test: [
      { ...test(read('A')), ...version('4.3,5.0') },
      { ...test(read('B')), ...version('4.0,5.0') },
      { ...test(read('C')), ...version('4.0.1') },
    ],
  });
  expect(result.tests.map(t => t.result)).toEqual(['skip', 'pass', 'pass']);
  expect(result.tests[0]!.reason).toBe('It is for FHIR 4.3, 5.0; the server speaks 4.0.1.');
});

it('TestScript: extensions may have addresses of their own', async () => {
  const script = { test: [{ ...test(read('A')), extension: [{ url: 'urn:own:requires', valueString: 'false' }] }] };
  expect((await run(lab, script)).tests[0]!.result).toBe('pass');
  expect((await run(lab, script, { urls: extensionUrls(undefined, { requires: 'urn:own:requires' }) })).tests[0]!.result).toBe('skip');
  const based = { test: [{ ...test(read('A')), extension: [{ url: 'urn:own:requiresCapability', valueString: 'false' }] }] };
  expect((await run(lab, based, { urls: extensionUrls('urn:own:') })).tests[0]!.result).toBe('skip');
});

it('TestScript: in a teardown each operation is tried; what cannot be deleted is a warning, what was never made is skipped', async () => {
  const result = await run(lab, {
    fixture: [p],
    variable: [{ name: 'id', sourceId: 'made', expression: 'id' }],
    test: [test(read('A'))],
    teardown: {
      action: [
        op({ type: { code: 'delete' }, url: `Patient/${ref('id')}` }),
        op({ type: { code: 'delete' }, url: 'nothing/to/delete' }),
        read('Last'),
      ],
    },
  });
  expect(result.teardown.map(a => a.result)).toEqual(['skip', 'warning', 'pass']);
  expect(failed(result)).toBe(false);
});

it('TestScript: targetId is the resource that was created, read from Location', async () => {
  await run(lab, {
    fixture: [p],
    test: [
      test(
        create,
        op({ type: { code: 'read' }, targetId: 'made' }),
        op({ type: { code: 'vread' }, targetId: 'p' }),
        op({ type: { code: 'history' }, targetId: 'made' }),
      ),
    ],
  });
  expect(ways().map(w => w.replace(/s\d+/, 'ID'))).toEqual(['POST Patient', 'GET Patient/ID', 'GET Patient/ID/_history/1']);
});

it('TestScript: several destinations need an index, and a server for it', async () => {
  const other = await openLab();
  try {
    const destination = [{ index: 1 }, { index: 2 }];
    const at = (n?: number) => test(read('A', n === undefined ? {} : { destination: n }));
    const scripts = { destination, test: [at(1), at(2), at(), at(3)] };
    const result = await run(lab, scripts, { token: async () => 'secret', destinations: new Map([[2, new URL(other.base)]]) });
    expect(result.tests.map(t => t.result)).toEqual(['pass', 'pass', 'error', 'error']);
    expect([lab.asked.length, other.asked.length]).toEqual([1, 1]);
    expect([lab.asked[0]!.headers.authorization, other.asked[0]!.headers.authorization]).toEqual(['Bearer secret', undefined]);
    // A fixture is made on each of them, and taken away again.
    const made = await run(
      lab,
      { destination, fixture: [fixture('p', patient, { autocreate: true, autodelete: true })], test: [at(1)] },
      { destinations: new Map([[2, new URL(other.base)]]) },
    );
    expect(failed(made)).toBe(false);
    expect(lab.asked.map(a => a.method)).toEqual(['POST', 'GET', 'DELETE']);
    expect(other.asked.slice(1).map(a => a.method)).toEqual(['POST', 'DELETE']);
    const unnamed = await run(lab, scripts);
    expect(unnamed.tests[1]!.reason).toBe('No server is named for the destination 2 of the script.');
  } finally {
    await other.close();
  }
});

it('TestScript: several scripts run at the same time, and their results keep their order', async () => {
  const { runSuite } = await import('../../src/testscript/suite.ts');
  const scripts = [1, 2, 3, 4].map(n => ({
    source: { file: `${n}.json`, bundle: new Map() },
    json: { resourceType: 'TestScript', name: `S${n}`, test: [test(read(`A${n}`), okay)] },
  }));
  const { results } = await runSuite(scripts, { base: new URL(lab.base), urls, parallel: 3 });
  expect(results.map(r => `${r.name} ${r.tests[0]!.result}`)).toEqual(['S1 pass', 'S2 pass', 'S3 pass', 'S4 pass']);
});

it('TestScript: what cannot be carried out as written is a fault before anything is sent', async () => {
  const faults: [object, string][] = [
    [{ test: [test(check({ response: 'okay', resource: 'Patient' }))] }, 'more than one criterion: resource, response'],
    [{ test: [test(check({ warningOnly: true }))] }, 'no criterion'],
    [{ test: [test(check({ response: 'okay', operator: 'like' }))] }, 'none of FHIR R4’s operators'],
    [{ test: [test(check({ response: 'okay', direction: 'request' }))] }, 'judges a request by the status of a response'],
    [{ test: [test({ ...read('A'), assert: { response: 'okay' } })] }, 'not exactly one of operation and assert'],
    [{ test: [{ name: 'none', action: [] }] }, 'has no action'],
    [{ test: [test(check({ expression: 'id', compareToSourceId: 'p' }))] }, 'needs compareToSourceId together'],
    [{ variable: [{ name: 'v', path: 'id', expression: 'id' }] }, 'more than one of expression, headerField and path'],
    [{ teardown: { action: [check({ response: 'okay' })] } }, 'may only be an operation'],
    [{ fixture: [p, p] }, 'same name'],
    [{ test: 7 }, 'is no list'],
    [{ test: [test(...Array.from({ length: 10_001 }, () => read('A')))] }, 'more than 10000 actions'],
  ];
  for (const [script, sentence] of faults) {
    const result = await run(lab, script);
    expect(result.fault).toContain(sentence);
    expect([failed(result), lab.asked.length]).toEqual([true, 0]);
  }
});

it('TestScript: the time of a script ends it, and the teardown is done', async () => {
  lab.odd = ({ url }, response) => {
    if (url === 'slow') setTimeout(() => json(response, 200, patient), 60);
    return url === 'slow';
  };
  const result = await run(
    lab,
    { test: [test(...Array.from({ length: 20 }, () => read('slow')))], teardown: { action: [read('T')] } },
    { limits: { scriptTimeMs: 100 } },
  );
  expect(result.tests[0]).toMatchObject({ result: 'error', reason: 'The time of the script is over.' });
  expect(ways().at(-1)).toBe('GET T');
});
