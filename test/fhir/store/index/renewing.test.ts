// https://hl7.org/fhir/R4/search.html#include, https://hl7.org/fhir/R4/references.html#contained: what can be asked while values are taken anew
import { expect, test } from '@jest/globals';
import { Ledger } from '../../../../src/fhir/store/index/ledger.ts';
import { TypeIndex } from '../../../../src/fhir/store/index/state.ts';

const inside = { code: 'subject#', type: 'token' } as const;
const contained = {
  'subject#Patient': [[null, 'p']],
  'subject#Patient.organization': ['Organization/o'],
  'subject#Patient.family': ['sato'],
} as const;

test('references: while only what is contained is read anew, all that lead out of a resource are told, before and after the first that is contained', () => {
  const index = new TypeIndex('Observation', new Ledger());
  const codes = () => [...index.references()].map(([code]) => code);
  const before = codes();
  expect(before).toEqual(expect.arrayContaining(['subject', 'encounter']));
  index.add(1, { subject: ['Patient/a'], ...contained } as never);
  expect(codes()).toEqual(before);
  index.renew([inside]);
  index.readAnew(1, contained as never);
  expect(codes()).toEqual(before);
  expect(() => index.inside('subject')).toThrow(/read anew/);
  expect(() => index.parameter('subject#Patient.family')).toThrow(/read anew/);
  index.renew([{ code: 'encounter', type: 'reference' }]);
  expect(codes).toThrow(/read anew/);
});

test('contained: what nothing has a value of any more when all was read anew is not found by what it had before', () => {
  const index = new TypeIndex('Observation', new Ledger());
  index.add(1, contained as never);
  index.renew([inside]);
  index.readAnew(1, {});
  index.renewed();
  expect([index.inside('subject'), index.parameter('subject#Patient')?.present ?? []]).toEqual([[], []]);
  index.renew([inside]);
  index.readAnew(1, { 'subject#Patient': [[null, 'p']] } as never);
  index.renewed();
  expect([index.inside('subject').length, index.parameter('subject#Patient')!.present]).toEqual([1, [1]]);
  expect(index.parameter('subject#Patient.family')).toBeUndefined();
});
