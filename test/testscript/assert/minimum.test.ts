// https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.setup.action.assert.minimumId
import { expect, test as it } from '@jest/globals';
import fc from 'fast-check';
import { parseJson } from '../../../src/fhir/model/json.ts';
import type { Bench } from '../../../src/testscript/assert/criterion.ts';
import { minimumId } from '../../../src/testscript/assert/minimum.ts';
import { Memory } from '../../../src/testscript/memory.ts';
import { Message } from '../../../src/testscript/message.ts';
import type { Assert } from '../../../src/testscript/script.ts';
import { Variables } from '../../../src/testscript/variables.ts';

async function compare(wanted: unknown, actual: unknown): Promise<string> {
  const memory = new Memory();
  memory.set('f', new Message('fixture', { json: wanted }));
  const bench = { memory, variables: new Variables(new Map(), new Map(), memory, undefined as never) } as unknown as Bench;
  const assert = { kind: 'assert', criterion: 'minimumId', says: 'f' } as unknown as Assert;
  return (
    (await minimumId(assert, new Message('response', { json: actual }), bench))?.replace(/^The body does not contain f: /, '') ?? 'holds'
  );
}
const patient = (more: object) => ({ resourceType: 'Patient', ...more });

it('minimumId: more may be there, in any order; the id is not looked at', async () => {
  expect(
    await compare(patient({ id: 'a', gender: 'male' }), { gender: 'male', id: 'b', meta: { versionId: '1' }, resourceType: 'Patient' }),
  ).toBe('holds');
  const names = [{ family: 'A', given: ['x'] }, { family: 'B' }];
  expect(
    await compare(
      patient({ name: names }),
      patient({ name: [{ use: 'old' }, { family: 'B', use: 'old' }, { given: ['y', 'x'], family: 'A' }] }),
    ),
  ).toBe('holds');
  // An element’s own id counts.
  expect(await compare(patient({ name: [{ id: 'n', family: 'A' }] }), patient({ name: [{ family: 'A' }] }))).toBe(
    'Patient.name[0].id is not there.',
  );
});

it('minimumId: every difference is reported', async () => {
  expect(await compare(patient({ gender: 'male', active: true, birthDate: '1980' }), patient({ gender: 'female', active: 'true' }))).toBe(
    'Patient.gender is another value; Patient.active is another value; Patient.birthDate is not there.',
  );
  expect(await compare(patient({ contact: [{ name: { family: 'A' } }] }), patient({ contact: [{ name: { family: 'B' } }] }))).toBe(
    'Patient.contact[0].name.family is another value.',
  );
  expect(await compare(patient({ name: [{}] }), patient({ name: { family: 'A' } }))).toBe('Patient.name is no list.');
});

it('minimumId: what stands twice in the fixture stands twice in the body', async () => {
  expect(await compare(patient({ name: [{ family: 'A' }, { family: 'A' }] }), patient({ name: [{ family: 'A' }, { family: 'B' }] }))).toBe(
    'Patient.name[1] is not there as often.',
  );
  expect(await compare(patient({ name: [{ family: 'A' }, { family: 'A' }] }), patient({ name: [{ family: 'A' }, { family: 'A' }] }))).toBe(
    'holds',
  );
});

it('minimumId: members are matched as a whole: a broad one does not take the only place of a narrow one', async () => {
  const [a, ab] = [{ family: 'A' }, { family: 'A', given: ['b'] }];
  expect(await compare(patient({ name: [a, ab] }), patient({ name: [ab, a] }))).toBe('holds');
  expect(await compare(patient({ name: [a, ab] }), patient({ name: [a, a] }))).toBe('Patient.name[1] is not there.');
});

it('minimumId: decimals compare by value', async () => {
  const quantity = (text: string) => parseJson(`{"resourceType":"Observation","valueQuantity":{"value":${text}}}`);
  expect(await compare(quantity('7.20'), quantity('7.2'))).toBe('holds');
  expect(await compare(quantity('7.20'), quantity('7.21'))).toBe('Observation.valueQuantity.value is another value.');
  expect(await compare(quantity('"7.2"'), quantity('7.2'))).toBe('Observation.valueQuantity.value is another value.');
});

it('minimumId: a fixture in shuffled lists and with more around it holds; with one value changed it does not', async () => {
  const json = fc.dictionary(
    fc.constantFrom('a', 'b', 'c'),
    fc.array(fc.record({ x: fc.constantFrom('1', '2', '3'), y: fc.constantFrom('4', '5') }), { maxLength: 5 }),
    { minKeys: 1 },
  );
  await fc.assert(
    fc.asyncProperty(json, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), async (wanted, dice) => {
      const shuffled = (list: object[]) =>
        list
          .map(one => ({ one: { ...one, more: true }, at: dice.next().value! }))
          .sort((p, q) => p.at - q.at)
          .map(p => p.one);
      const actual = Object.fromEntries(Object.entries(wanted).map(([key, list]) => [key, [...shuffled(list), { other: true }]]));
      expect(await compare(wanted, actual)).toBe('holds');
      const [key, list] = Object.entries(wanted)[0]!;
      if (list.length === 0) return;
      expect(await compare({ ...wanted, [key]: [...list.slice(1), { ...list[0], x: '9' }] }, actual)).not.toBe('holds');
    }),
    { numRuns: 60, seed: 7 },
  );
});

it('minimumId: what would take too long to compare is an error', async () => {
  const many = Array.from({ length: 3000 }, (_, i) => ({ x: { y: i } }));
  await expect(compare({ list: many }, { list: [...many].reverse() })).rejects.toThrow('too large to compare');
});
