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
        if (parsed) expect(text).toMatch(/^(patient|user|system)\/(\*|[A-Z]\w+)\.(read|write|\*|[cruds]+)$/);
      }),
      { numRuns: 1000 },
    );
  });

  test('a scope with a query is told apart, not read without its query', () => {
    const parsed = parseScopes('system/Patient.rs system/Observation.rs?category=laboratory');
    expect(parsed.restricted).toBe(true);
    expect(parsed.known.map(s => s.text)).toEqual(['system/Patient.rs']);
  });

  test('more than 200 scopes are too many', () => {
    const many = (n: number) => parseScopes(Array.from({ length: n }, () => 'system/Patient.rs').join(' ')).tooMany;
    expect([many(200), many(201), many(500)]).toEqual([false, true, true]);
  });
});

describe('intersection', () => {
  const holds = (list: readonly Scope[], c: string, t: string, letter: string) =>
    list.some(s => s.context === c && (s.type === '*' || s.type === t) && s.letters.includes(letter));

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
