// https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html#scopes-for-requesting-fhir-resources
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { intersection, lettersFor, parseScope, parseScopes, type Scope } from '../../src/auth/scopes.ts';
import { resourceTypes } from '../../src/fhir/model/r4.ts';

const letters = fc.subarray(['c', 'r', 'u', 'd', 's'], { minLength: 1 }).map(list => list.join(''));
const context = fc.constantFrom('patient', 'user', 'system');
const type = fc.constantFrom('*', ...resourceTypes);
const scopeText = fc.tuple(context, type, fc.oneof(letters, fc.constantFrom('read', 'write', '*'))).map(([c, t, l]) => `${c}/${t}.${l}`);
const scope = scopeText.map(text => parseScope(text) as Scope);
const scopes = fc.array(scope, { minLength: 1, maxLength: 6 });

describe('scope grammar', () => {
  test.each([
    ['system/Patient.rs', 'system', 'Patient', 'rs'],
    ['patient/*.cruds', 'patient', '*', 'cruds'],
    ['system/*.read', 'system', '*', 'rs'],
    ['user/Observation.write', 'user', 'Observation', 'cud'],
    ['system/*.*', 'system', '*', 'cruds'],
  ])('%s is a scope', (text, ...expected) => {
    const { context, type, letters } = parseScope(text)!;
    expect([context, type, letters]).toEqual(expected);
  });

  test.each([
    'patient/*.sr',
    'patient/Observation.',
    'system/*.crudsx',
    'system/*.rr',
    'system/patient.rs',
    'system/Pateint.rs',
    'system/Patient.rs\n',
    'system/Patient.rs\nsystem/*.cruds',
    ' system/Patient.rs',
    'System/Patient.rs',
    'system/Patient',
    'system/*.readwrite',
    'launch/patient',
    'openid',
    'system/constructor.rs',
    '*/*.*',
    '',
  ])('%j is no scope', text => {
    expect(parseScope(text)).toBeUndefined();
  });

  test('any subset of cruds in its order is a scope; any other order or repetition is none', () => {
    fc.assert(
      fc.property(context, type, fc.array(fc.constantFrom('c', 'r', 'u', 'd', 's'), { minLength: 1, maxLength: 6 }), (c, t, list) => {
        const text = list.join('');
        const inOrder =
          [...new Set(list)].length === list.length && text === (['c', 'r', 'u', 'd', 's'] as const).filter(l => list.includes(l)).join('');
        expect(parseScope(`${c}/${t}.${text}`)?.letters).toBe(inOrder ? text : undefined);
      }),
    );
  });

  test('no text but the grammar is a scope', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'system/*.cruds?=&\n Patien') })), text => {
        const parsed = parseScope(text);
        if (parsed) expect(text).toMatch(/^(patient|user|system)\/(\*|[A-Z]\w+)\.((read|write|\*|[cruds]+)$|[cruds]+\?[a-z_][\w-]*=.)/);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    'system/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory',
    'patient/Observation.rs?category=laboratory,vital-signs&status=final',
    'user/Patient.r?gender=female',
    'system/Observation.rs?subject=Patient/a',
    'system/Patient.rs?family=%E5%B1%B1',
    'system/Observation.rs?_tag=x',
  ])('%s is a scope with a query', text => {
    const { known, restricted } = parseScopes(text);
    expect(known.map(one => [one.text, one.where!.length])).toEqual([[text, text.split('&').length]]);
    expect(restricted).toBe(false);
  });

  test.each([
    ['a modifier', 'category:not=x'],
    [':missing', 'category:missing=true'],
    ['a chain', 'subject.name=x'],
    ['a chain with a type', 'subject:Patient.name=x'],
    ['_has', '_has:Observation:has-member:code=x'],
    ['_filter', '_filter=code eq x'],
    ['_filter without spaces', '_filter=x'],
    ['what shapes an answer', '_count=1'],
    ['an include', '_include=Observation:subject'],
    ['a sort', '_sort=code'],
    ['an id', '_id=x'],
    ['a time of writing', '_lastUpdated=gt2020'],
    ['a date, which depends on a zone', 'date=2020'],
    ['an unknown parameter', 'unknown=x'],
    ['a known and an unknown one', 'category=x&unknown=x'],
    ['an unusable value', 'value-quantity=abc'],
    ['no value', 'category='],
    ['no name', '=x'],
    ['nothing', ''],
    ['an empty condition', 'category=x&'],
    ['a broken escape', 'category=%E0%A4%A'],
    ['too long a text', `category=${'x'.repeat(1000)}`],
    ['too many conditions', Array.from({ length: 11 }, () => 'category=x').join('&')],
  ])('a query with %s makes no scope, and the request is not read without it', (_, query) => {
    const parsed = parseScopes(`system/Patient.rs system/Observation.rs?${query}`);
    expect([parsed.restricted, parsed.known.map(s => s.text)]).toEqual([true, ['system/Patient.rs']]);
  });

  test.each([
    'system/Observation.read?category=x',
    'system/*.rs?_tag=x',
    'system/AuditEvent.rs?action=R',
    'system/Observation.?category=x',
  ])('%s: a query goes with letters of version 2 and a named type that the store keeps', text => expect(parseScope(text)).toBeUndefined());

  test('more than 200 scopes are too many', () => {
    const many = (n: number) => parseScopes(Array.from({ length: n }, () => 'system/Patient.rs').join(' ')).tooMany;
    expect([many(200), many(201), many(500)]).toEqual([false, true, true]);
  });
});

describe('intersection', () => {
  const holds = (list: readonly Scope[], c: string, t: string, letter: string) =>
    list.some(s => s.context === c && (s.type === '*' || s.type === t) && s.letters.includes(letter));

  test.each([
    ['system/Observation.rs?category=a', 'system/Observation.cruds', 'system/Observation.rs?category=a'],
    ['system/Observation.rs', 'system/Observation.cruds?category=a', 'system/Observation.rs?category=a'],
    ['system/*.rs', 'system/Observation.cruds?category=a', 'system/Observation.rs?category=a'],
    ['system/Observation.rs?category=a', 'system/*.r', 'system/Observation.r?category=a'],
    ['system/Observation.rs?category=a', 'system/Observation.rs?category=a', 'system/Observation.rs?category=a'],
    ['system/Observation.rs?category=a', 'system/Observation.rs?code=b', 'system/Observation.rs?category=a&code=b'],
    ['system/Observation.rs?category=a', 'system/Observation.rs?category=b', 'system/Observation.rs?category=a&category=b'],
    ['system/Observation.read', 'system/Observation.rs?code=b', 'system/Observation.rs?code=b'],
    ['system/Observation.rs?category=a', 'system/Patient.rs', ''],
  ])('%s within %s: %s', (asked, allowed, granted) => {
    const both = intersection(parseScopes(asked).known, parseScopes(allowed).known);
    expect(both.map(one => one.text).join(' ')).toBe(granted);
    for (const one of both) expect(parseScope(one.text)).toEqual(one);
  });

  test('two queries that together are longer than a query may be give nothing', () => {
    const one = (value: string) => parseScopes(`system/Observation.rs?category=${value.repeat(800)}`).known;
    expect(intersection(one('a'), one('b'))).toEqual([]);
  });

  test('grants a right exactly if it is asked and allowed', () => {
    fc.assert(
      fc.property(scopes, scopes, context, type, (asked, allowed, c, t) => {
        const granted = intersection(asked, allowed);
        for (const letter of 'cruds') expect(holds(granted, c, t, letter)).toBe(holds(asked, c, t, letter) && holds(allowed, c, t, letter));
      }),
      { numRuns: 500 },
    );
  });

  test('what is granted reads back as what it says', () => {
    fc.assert(
      fc.property(scopes, scopes, (asked, allowed) => {
        for (const one of intersection(asked, allowed)) expect(parseScope(one.text)).toEqual(one);
      }),
    );
  });

  const granted = (asked: string, allowed: string) => intersection(parseScopes(asked).known, parseScopes(allowed).known).map(s => s.text);

  test('version 1 words come back where they were asked', () => {
    expect(granted('system/*.read', 'system/*.cruds')).toEqual(['system/*.read']);
    expect(granted('system/*.*', 'system/*.rs')).toEqual(['system/*.read']);
    expect(granted('system/Patient.*', 'system/*.r')).toEqual(['system/Patient.r']);
  });

  test('a wildcard narrows to the types allowed', () => {
    expect(granted('system/*.rs', 'system/Patient.cruds system/Observation.r')).toEqual(['system/Patient.rs', 'system/Observation.r']);
    expect(granted('patient/*.rs', 'system/*.cruds')).toEqual([]);
  });

  test('letters for a type: several scopes are alternatives, a wildcard counts for each type', () => {
    const { known } = parseScopes('system/*.r system/Patient.us patient/Patient.d');
    expect([lettersFor(known, 'system', 'Patient'), lettersFor(known, 'system', 'Observation'), lettersFor(known, 'system', '*')]).toEqual([
      'rus',
      'r',
      'r',
    ]);
  });
});
