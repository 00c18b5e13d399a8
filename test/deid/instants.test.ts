// Instants that leave as dates. https://hl7.org/fhir/R4/datatypes.html#instant; HL7 DAPL 1.0.0-ballot, dapl-deidentified-instant-extension
import { expect, test } from '@jest/globals';
import { deidentify } from '../../src/deid/deidentify.ts';
import { compile, context, out } from './ground.ts';

const url = 'urn:issued';
const dated = (method: object) => [
  {
    measure: 'kept',
    title: 'kept',
    rules: [
      { paths: ['code'], method: 'keep' },
      { paths: ['Resource.id'], method: 'pseudonymize' },
      { paths: ['dateTime'], ...method },
    ],
  },
];
const by = (method: object, at = 'issued', on = 'Observation') =>
  compile({ instants: [{ on, at, url }], groups: dated(method), elements: { Observation: ['status'] } });
const observation = (issued: unknown) => ({ resourceType: 'Observation', status: 'final', issued });

test.each<[string, object, string]>([
  ['the year', { method: 'generalize-date', to: 'year', shift: false }, '2024'],
  ['the month, moved', { method: 'generalize-date', to: 'month' }, '2024-03'],
  ['moved', { method: 'date-shift' }, '2024-03-01T09:30:15+09:00'],
])('it leaves as the policy makes a dateTime: %s', (_, method, valueDateTime) =>
  expect(out(observation('2024-02-20T09:30:15.120+09:00'), {}, by(method))!['extension']).toEqual([{ url, valueDateTime }]),
);

test.each([undefined, 'Yamada', 7, { a: 1 }, '9999-12-31T00:00:00Z'])(
  'where there is none (%j), or it is no day of the life, nothing leaves',
  issued =>
    expect(
      out(observation(issued), { subject: { shiftDays: 10, pooled: false, notAfter: 25_000 } }, by({ method: 'date-shift' })),
    ).not.toHaveProperty('extension'),
);

test('of nobody, and of several persons, none', () => {
  const { subject: _, ...nobodys } = context();
  const left = deidentify(by({ method: 'date-shift' }), observation('2024-02-20T09:30:15Z'), nobodys);
  expect(left).not.toHaveProperty('extension');
});

test.each<[string, () => unknown, string]>([
  ['an element that R4 does not have', () => by({ method: 'date-shift' }, 'isued'), 'instants.Observation.isued: R4 has no such instant'],
  ['an element of another type', () => by({ method: 'date-shift' }, 'status'), 'R4 has no such instant'],
  ['a type that does not leave', () => by({ method: 'date-shift' }, 'issued', 'DiagnosticReport'), 'DiagnosticReport does not leave'],
  ['an element of another resource', () => compile({ instants: [{ on: 'Patient', at: 'issued', url }] }), 'R4 has no such instant'],
  [
    'no method for dateTime',
    () => compile({ instants: [{ on: 'Observation', at: 'issued', url }], elements: { Observation: ['status'] } }),
    'the policy has no method for dateTime',
  ],
  [
    'a name that is none',
    () => compile({ instants: [{ on: 'Observation', at: 'issued', url, to: 'year' }] }),
    '"to" is no part of a policy',
  ],
  ['no list', () => compile({ instants: {} }), 'instants: must be a list'],
  ['contained: another word', () => compile({ contained: 'keep' }), 'contained: is "remove", or not there'],
])('the load stops: %s', (_, load, text) => expect(load).toThrow(text));
