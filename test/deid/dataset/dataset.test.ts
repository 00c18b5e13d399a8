// Peculiar descriptions over one data set: what fewer than k persons share does not leave. Criteria: rules for anonymized information, article 34 (4)
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { applier } from '../../../src/deid/dataset/apply.ts';
import { survey as dataSet, planFrom } from '../../../src/deid/dataset/index.ts';
import { plan } from '../../../src/deid/dataset/plan.ts';
import { Survey, type SurveyOptions } from '../../../src/deid/dataset/survey.ts';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import { validate } from '../../../src/fhir/profile/validate.ts';
import { isSlow } from '../../slow.ts';
import { coded, condition, hospital, jlac, medis, observation, type Person, quantity, who } from './hospital.ts';
import { recount, tooFew } from './recount.ts';

const survey = (persons: readonly Person[], options: SurveyOptions): Survey => {
  const made = new Survey(options);
  for (const { name, resources } of persons) made.add(name, resources);
  return made;
};
const left = (persons: readonly Person[], made: Survey): [string, AnyResource[]][] => {
  const under = applier(plan(made).json);
  return persons.map(({ name, resources }) => [name, resources.flatMap(resource => under.apply(resource).resource ?? [])]);
};
const hospitals = fc.record({ persons: fc.integer({ min: 5, max: 250 }), seed: fc.integer(), k: fc.integer({ min: 2, max: 12 }) });

test('no code, mark or outermost value that leaves is had by fewer than k persons, counted anew over what has left', () => {
  fc.assert(
    fc.property(hospitals, ({ persons, seed, k }) => {
      const all = hospital(persons, seed);
      expect(tooFew(recount(left(all, survey(all, { k }))), k)).toEqual([]);
    }),
    { numRuns: isSlow ? 60 : 20 },
  );
});

test('no reference that leaves leads to a type that does not', () => {
  fc.assert(
    fc.property(hospitals, ({ persons, seed, k }) => {
      const all = hospital(persons, seed);
      for (const [, resources] of left(all, survey(all, { k }))) {
        const types = new Set(resources.map(one => one.resourceType));
        if (!types.has('Medication')) expect(JSON.stringify(resources)).not.toContain('Medication/m');
      }
    }),
    { numRuns: isSlow ? 40 : 15 },
  );
});

test('the recount finds what is rare in what goes in', () => {
  const all = hospital(150, 1);
  const found = tooFew(recount(all.map(one => [one.name, one.resources])), 10);
  expect(found.length).toBeGreaterThan(20);
  expect(found.some(one => one.includes('upper end'))).toBe(true);
});

test('what leaves is valid R4, and what went in is as it was', () => {
  const all = hospital(120, 5);
  const before = JSON.stringify(all);
  for (const k of [2, 10, 40]) {
    for (const [, resources] of left(all, survey(all, { k }))) {
      for (const resource of resources)
        expect(validate(JSON.parse(JSON.stringify(resource))).filter(one => !/subject|reference/i.test(JSON.stringify(one)))).toEqual([]);
    }
  }
  expect(JSON.stringify(all)).toBe(before);
});

test('the order of persons, and how many surveys they are counted in, do not matter', () => {
  fc.assert(
    fc.property(hospitals, fc.integer({ min: 1, max: 4 }), ({ persons, seed, k }, workers) => {
      const all = hospital(persons, seed);
      const options = { k, combine: ['Condition.code'], mostPairs: 40 };
      const one = plan(survey(all, options));
      const other = survey([], options);
      for (let i = 0; i < workers; i++)
        other.merge(
          JSON.parse(
            JSON.stringify(
              survey(
                [...all].reverse().filter((_, n) => n % workers === i),
                options,
              ).toJSON(),
            ),
          ),
        );
      const two = plan(other);
      expect(two).toEqual(one);
      expect(two.hash).toBe(one.hash);
    }),
    { numRuns: isSlow ? 25 : 10 },
  );
});

test('two workers survey, one plans, both apply what comes out of a file', () => {
  const all = hospital(120, 9);
  const workers = [0, 1].map(worker => {
    const made = dataSet({ k: 6, percentiles: { low: 1, high: 99 } });
    for (const { name, resources } of all.filter((_, n) => n % 2 === worker)) made.add(name, resources);
    return JSON.stringify(made);
  });
  const one = dataSet({ k: 6, percentiles: { low: 1, high: 99 } });
  for (const text of workers) one.merge(JSON.parse(text));
  const { json, hash, report } = one.plan();
  const ready = planFrom(JSON.parse(JSON.stringify(json)));
  expect(ready.hash).toBe(hash);
  expect(report.persons).toBe(120);
  expect(report.looks.stay).toBeGreaterThan(10);
  expect(report.measured.bounded).toBeGreaterThan(0);
  expect(
    tooFew(recount(all.map(({ name, resources }) => [name, resources.flatMap(resource => ready.apply(resource).resource ?? [])])), 6),
  ).toEqual([]);
});

test('somebody who comes in pieces counts once', () => {
  const all = hospital(80, 3);
  const whole = plan(survey(all, { k: 8 })).json;
  const pieces = new Survey({ k: 8 });
  for (const { name, resources } of all) for (const resource of resources) pieces.add(name, [resource]);
  expect(plan(pieces).json.looks).toEqual(whole.looks);
});

// The attacker knows the plan, everything that has left, and what the target has.
test('a disease that one patient has: the attacker who knows the disease and the plan is left with k persons, or nobody', () => {
  fc.assert(
    fc.property(hospitals, fc.constantFrom('whole', 'tree', 'key'), ({ persons, seed, k }, kind) => {
      const disease = { whole: coded([medis, '20099999'], [who, 'A81.0']), tree: coded([who, 'A81.0']), key: coded([medis, '20099999']) }[
        kind
      ];
      const planted: AnyResource[] = [
        condition(disease),
        { resourceType: 'Encounter', status: 'finished', class: { system: 'urn:c', code: 'AMB' }, reasonCode: [disease] },
      ];
      const all = hospital(persons, seed);
      const set = [{ ...all[0]!, resources: [...all[0]!.resources, ...planted] }, ...all.slice(1)];
      const made = survey(set, { k });
      const under = applier(plan(made).json);
      // What of the planted resources can be seen, and who shows all of that.
      const shows = planted.flatMap(one => {
        const { code, reasonCode } = (under.apply(one).resource ?? {}) as Record<string, unknown>;
        return [code, reasonCode].filter(seen => seen !== undefined).map(seen => JSON.stringify(seen));
      });
      const out = left(set, made);
      const candidates = out.filter(([, resources]) =>
        shows.every(seen => resources.some(one => [one['code'], one['reasonCode']].some(own => JSON.stringify(own) === seen))),
      );
      expect(JSON.stringify(out)).not.toContain('20099999');
      expect(JSON.stringify(out)).not.toContain('A81.0');
      if (shows.length > 0) expect(candidates.length).toBeGreaterThanOrEqual(k);
    }),
    { numRuns: isSlow ? 60 : 20 },
  );
});

test('a value further out than anybody’s: the attacker who knows it is left with k persons', () => {
  fc.assert(
    fc.property(hospitals, fc.constantFrom(-1e6, 1e6, 0, 99999.5), ({ persons, seed, k }, value) => {
      const all = hospital(persons, seed);
      const extreme = observation(coded([jlac, '3D010000001926101']), { valueQuantity: quantity(value) });
      const set = [{ ...all[0]!, resources: [...all[0]!.resources, extreme] }, ...all.slice(1)];
      const made = survey(set, { k });
      const known = applier(plan(made).json).apply(extreme).resource;
      if (known === undefined) return;
      const shows = JSON.stringify([known['code'], known['valueQuantity'] ?? known['dataAbsentReason'] ?? null]);
      const candidates = left(set, made).filter(([, resources]) =>
        resources.some(one => JSON.stringify([one['code'], one['valueQuantity'] ?? one['dataAbsentReason'] ?? null]) === shows),
      );
      expect(candidates.length).toBeGreaterThanOrEqual(k);
    }),
    { numRuns: isSlow ? 60 : 20 },
  );
});
