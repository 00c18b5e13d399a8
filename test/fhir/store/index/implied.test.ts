// https://hl7.org/fhir/R4/search.html#composite
import { expect, test } from '@jest/globals';
import { parseSearch } from '../../../../src/fhir/search/parse.ts';
import type { Predicate } from '../../../../src/fhir/search/query.ts';
import { implied } from '../../../../src/fhir/store/index/implied.ts';

const options = { base: 'http://noren.test/fhir', timeZone: 'Asia/Tokyo', defaultCount: 10, maxCount: 10 };
const impliedBy = (type: string, name: string, value: string): (string | undefined)[] => {
  const [composite] = parseSearch(type, [[name, value]], options).query.where;
  return implied(type, composite as Extract<Predicate, { kind: 'composite' }>).map(one => ('code' in one ? one.code : undefined));
};

test.each([
  ['Observation', 'code-value-quantity', '8867-4$gt40', ['code', 'value-quantity']],
  ['Observation', 'component-code-value-quantity', '8480-6$gt170', ['component-code', 'component-value-quantity']],
  ['Observation', 'combo-code-value-quantity', '8480-6$gt170', ['combo-code', 'combo-value-quantity']],
  ['MolecularSequence', 'chromosome-window-coordinate', '1$1$2', ['chromosome', 'window-start', 'window-end']],
  ['Group', 'characteristic-value', 'gender$mixed', ['characteristic']],
] as const)('composite: %s?%s=%s holds for nothing that the parameters of its parts do not find', (type, name, value, codes) => {
  expect(impliedBy(type, name, value)).toEqual(codes);
});

test('composite: where no parameter selects what a part does, nothing is implied of it', () => {
  expect(impliedBy('MolecularSequence', 'chromosome-variant-coordinate', '1$1$2')).toEqual(['variant-start', 'variant-end']);
});

test('composite: alternatives are implied together, and of very many nothing is', () => {
  const [composite] = parseSearch('Observation', [['code-value-quantity', 'a$1,b$2']], options).query.where;
  const [token] = implied('Observation', composite as never);
  expect(token).toMatchObject({ kind: 'token', values: [{ code: 'a' }, { code: 'b' }] });
  const many = Array.from({ length: 300 }, (_, n) => `c${n}$1`).join();
  expect(impliedBy('Observation', 'code-value-quantity', many)).toEqual([]);
});
