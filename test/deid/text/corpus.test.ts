// Recall and precision at the base rates of Japanese charts, per entity; the corpus and its sources: corpus.ts, templates.ts
import { describe, expect, test } from '@jest/globals';
import { dictionary, knownOf, type Mark, textFinder } from '../../../src/deid/text/index.ts';
import { isSlow } from '../../slow.ts';
import { corpus, type Truth } from './corpus.ts';
import { type Style, templates } from './templates.ts';

interface Score {
  /** By whose and of which kind: found of all. */
  readonly recall: ReadonlyMap<string, readonly [found: number, all: number]>;
  /** Findings that touch a truth, of all; by kind. */
  readonly precision: ReadonlyMap<string, readonly [right: number, all: number]>;
}

/** Units that nobody reads a name by. */
const silent = /[\s・,]|\udb40|\udd00/;

function score(style: Style, count: number): Score {
  const { patients, registry, sentences } = corpus(style, count);
  const house = dictionary(knownOf(registry, 'staff'));
  const finders = patients.map(of => textFinder([house, dictionary(knownOf(of, 'patient'))]));
  const recall = new Map<string, [number, number]>();
  const precision = new Map<string, [number, number]>();
  const add = (to: Map<string, [number, number]>, key: string, right: boolean): void => {
    const row = to.get(key) ?? [0, 0];
    to.set(key, [row[0] + (right ? 1 : 0), row[1] + 1]);
  };
  for (const { text, truth, patient } of sentences) {
    const marks: readonly Mark[] = finders[patient]!(text, { shiftDays: 10 })!;
    const found = (one: Truth): boolean => {
      for (let at = one.start; at < one.end; at++)
        if (!silent.test(text[at]!) && !marks.some(({ start, end }) => start <= at && at < end)) return false;
      return true;
    };
    for (const one of truth) add(recall, `${one.whose}: ${one.entity}`, found(one));
    for (const mark of marks)
      add(
        precision,
        mark.entity,
        truth.some(({ start, end }) => start < mark.end && mark.start < end),
      );
  }
  return { recall, precision };
}

const sum = (rows: ReadonlyMap<string, readonly [number, number]>, of = ''): number => {
  let [right, all] = [0, 0];
  for (const [key, row] of rows) if (key.startsWith(of)) [right, all] = [right + row[0], all + row[1]];
  expect(all).toBeGreaterThan(0);
  return right / all;
};

const sentencesOf = isSlow ? 20_000 : 8000;

describe.each(Object.keys(templates) as Style[])(`style %s, ${sentencesOf} sentences`, style => {
  const { recall, precision } = score(style, sentencesOf);
  test('patients: every identifier of every kind is found', () => {
    const missed = [...recall].filter(([key, [found, all]]) => key.startsWith('patient') && found < all);
    expect(missed).toEqual([]);
  });
  test('staff of the registry: 99 % at least, with and without a title', () => expect(sum(recall, 'staff')).toBeGreaterThanOrEqual(0.99));
  test('people and places that no record knows: 90 % at least', () => expect(sum(recall, 'other')).toBeGreaterThanOrEqual(0.9));
  test('precision: 95 % at least', () => expect(sum(precision)).toBeGreaterThanOrEqual(0.95));
});

test('the corpus has what is counted at the published base rates', () => {
  const { sentences } = corpus('tuned', sentencesOf);
  const share = (test: (one: (typeof sentences)[number]) => boolean): number => (1000 * sentences.filter(test).length) / sentences.length;
  expect(share(({ text, truth }) => text.includes('様') && truth.some(({ entity }) => entity === 'name'))).toBeCloseTo(1.5, 0);
  const staff = share(({ truth }) => truth.some(({ whose, entity }) => whose === 'staff' && entity === 'staff'));
  expect(staff).toBeGreaterThanOrEqual(24);
  expect(staff).toBeLessThanOrEqual(26);
  expect(share(({ text, truth }) => text.includes('様') && truth.length === 0)).toBeGreaterThan(290);
});
