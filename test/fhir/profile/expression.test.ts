// https://hl7.org/fhir/R4/fhirpath.html, docs/decisions/0019-profiles.md: which invariants are taken, and what hostile ones cost
import { describe, expect, test } from '@jest/globals';
import { Decimal } from '../../../src/fhir/model/json.ts';
import { asOne } from '../../../src/fhir/profile/budget.ts';
import { ownProfiles } from '../../../src/fhir/profile/derive-profiles.ts';
import { evaluate, judge, plain } from '../../../src/fhir/profile/expression.ts';
import { cpuTime } from '../../cpu-time.ts';
import { found, profileOf, profilesOf } from './profile-ground.ts';

test('every expression of R4’s own profiles is taken', () => {
  const expressions = new Set(
    ownProfiles().flatMap(({ snapshot }) =>
      snapshot!.element.flatMap(({ constraint = [] }) => constraint.flatMap(one => one.expression ?? [])),
    ),
  );
  expect(expressions.size).toBeGreaterThan(30);
  expect([...expressions].filter(one => judge(one).refusal !== undefined)).toEqual([]);
});

test.each<[string, string, RegExp]>([
  ['no FHIRPath', 'name.where(', /no FHIRPath/],
  ['unknown functions', "name.shell('ls')", /may not call/],
  ['lists that double', 'descendants().aggregate($total.combine($total), 1).count() > 0', /may not call/],
  ['texts that grow', `name.family${".replace('a', 'aaaaaaaaaa')".repeat(5)}.exists()`, /more work/],
  ['loops in loops in loops', 'name.all(name.all(name.all(name.all(name.all(true)))))', /more work/],
  ['walks without end', `descendants()${'.descendants()'.repeat(20)}.exists()`, /more work/],
  ['long ones', `name.exists()${' and true'.repeat(1000)}`, /longer/],
  ['deep ones', `${'('.repeat(500)}true${')'.repeat(500)}`, /deeply/],
  ['many parts', `1${'+1'.repeat(1500)} > 0`, /more work/],
])('refused are %s', (_, expression, text) => {
  expect(judge(expression).refusal).toMatch(text);
});

test.each<[string, boolean]>([
  ['name.exists() and birthDate.empty()', true],
  ["name.where(use = 'usual').family.length() <= 10", true],
  ['name.all(given.all(length() > 1))', false],
  ["name.family.matches('x')", false],
  ['descendants().exists()', false],
  ['%resource.name.exists()', false],
])('%s: nobody has to watch it: %s', (expression, wanted) => {
  expect(judge(expression)).toEqual({ isLinear: wanted });
});

describe('evaluate', () => {
  const around = { resource: {}, rootResource: {}, resolve: () => undefined };
  test('true, false, or nothing', () => {
    const patient = { resourceType: 'Patient', name: [{ family: 'x' }] };
    expect(evaluate('name.exists()', 'Patient', patient, around)).toBe(true);
    expect(evaluate('birthDate.exists()', 'Patient', patient, around)).toBe(false);
    expect(evaluate('birthDate > @2020-01-01', 'Patient', patient, around)).toBeUndefined();
    expect(evaluate("name.shell('ls')", 'Patient', patient, around)).toBeUndefined();
  });
  test('trace tells nobody anything', () => {
    expect(evaluate("name.trace('x').exists()", 'Patient', { resourceType: 'Patient', name: [{}] }, around)).toBe(true);
  });
  test('the element is left as it was, and numbers of many digits are numbers', () => {
    const quantity = { value: new Decimal('1.00000000000000000000') };
    expect(evaluate('value >= 1', 'Quantity', plain(quantity), around)).toBe(true);
    expect(quantity.value).toBeInstanceOf(Decimal);
    const same = { a: [1, { b: 'x' }] };
    expect(plain(same)).toBe(same);
  });
});

describe('what is not seen beforehand, the deadline stops', () => {
  const hostile: readonly [string, string][] = [
    ['a regular expression', "name.all(family.matches('^(a+)+$'))"],
    ['lists that grow', 'descendants().select(%resource.descendants().select(%resource.descendants())).exists()'],
    ['each with each with each', 'descendants().all(%resource.descendants().all(%resource.descendants().count() > 0))'],
  ];
  const patient = { resourceType: 'Patient', name: Array.from({ length: 300 }, () => ({ family: `${'a'.repeat(50)}b`, given: ['x'] })) };
  test.each(hostile)('%s', async (_, expression) => {
    const profile = profileOf('p', 'Patient', [{ path: 'Patient', constraint: [{ key: 'x', severity: 'error', human: 'x', expression }] }]);
    const start = cpuTime();
    const findings = await found([profile], patient);
    expect(cpuTime() - start).toBeLessThan(2500);
    expect(findings).toEqual(['too-costly Patient']);
  });
  test('many slices and many elements, without any expression', async () => {
    const slices = Array.from({ length: 900 }, (_, i) => [
      { path: 'Patient.identifier', sliceName: `s${i}` },
      { path: 'Patient.identifier.system', min: 1, fixedUri: `urn:${i}` },
    ]).flat();
    const slicing = { rules: 'open', discriminator: [{ type: 'value', path: 'system' }] };
    const profile = profileOf('p', 'Patient', [{ path: 'Patient.identifier', slicing }, ...slices.slice(0, 900)]);
    const many = { resourceType: 'Patient', identifier: Array.from({ length: 100_000 }, () => ({ system: 'urn:x' })) };
    const start = cpuTime();
    expect(await found([profile], many)).toEqual(['too-costly Patient']);
    expect(cpuTime() - start).toBeLessThan(4000);
  });

  test('of many at once each lets others have their turn after it', async () => {
    const profile = profileOf('p', 'Patient', [{ path: 'Patient', constraint: [{ key: 'x', expression: hostile[0]![1] }] }]);
    let [longest, last] = [0, performance.now()];
    const clock = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    const start = performance.now();
    await Promise.all(Array.from({ length: 5 }, () => profilesOf([profile]).check(patient, [profile.url])));
    clearInterval(clock);
    const took = performance.now() - start;
    expect(took).toBeGreaterThan(1000);
    expect(Math.max(longest, performance.now() - last)).toBeLessThan(took / 2);
  });
  test('what several resources may take together is used up', async () => {
    const profile = profileOf('p', 'Patient', [{ path: 'Patient', constraint: [{ key: 'x', expression: hostile[0]![1] }] }]);
    const profiles = profilesOf([profile]);
    const kinds: (string | undefined)[] = [];
    const start = cpuTime();
    await asOne(20, async () => {
      // What is within other work has no budget beside it.
      for (let i = 0; i < 20; i++) kinds.push((await asOne(1, () => profiles.check(patient, [profile.url])))[0]?.kind);
    });
    expect(kinds).toEqual(Array(20).fill('too-costly'));
    // Twenty alone take half a second each, and as much for others in between.
    expect(cpuTime() - start).toBeLessThan(8000);
  });
});
