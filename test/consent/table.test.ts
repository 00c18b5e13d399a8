// docs/consent.md: the table of decisions about intake and research, row by row.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type Decision, decide, type Question } from '../../src/consent/decide.ts';
import type { ListEntry } from '../../src/fhir/store/store.ts';

const now = Date.parse('2026-06-15T12:00:00+09:00');
const day = 86_400_000;
const hospital = 'Organization/hospital-1';
const number = 'urn:numbers|1';
const notice = (daysAgo: number, more: Partial<ListEntry> = {}): ListEntry => ({
  list: 'notice',
  source: 'Communication/1',
  persons: [number],
  sender: hospital,
  from: now - daysAgo * day,
  ...more,
});
const objection = (more: Partial<ListEntry> = {}): ListEntry => ({
  list: 'objection',
  source: 'Consent/1',
  persons: ['Patient/1'],
  from: 0,
  ...more,
});
const ended = objection({ until: now - 10 * day });
const limited = objection({ sender: hospital });

type Case = readonly [lines: readonly ListEntry[], more?: { readonly [K in keyof Question]?: Question[K] | undefined }];
const research = { purpose: 'research' } as const;
const care = { purpose: 'care' } as const;
const nobody = { institution: undefined, number: undefined };

/** In the order of the page: asked, on record, answer; and the questions that stand for the row. */
const rows: readonly (readonly [asked: string, onRecord: string, answer: Decision, cases: readonly Case[]])[] = [
  [
    'anything',
    'an objection in force: begun, not ended, general or limited to the institution that sends',
    'objection',
    [
      [[notice(100), objection()]],
      [[notice(100), limited]],
      [[objection()], research],
      [[limited], { ...research, ...nobody }],
      [[objection({ until: now })], care],
    ],
  ],
  [
    'writing by somebody who needs no notice (a tester); research',
    'no such objection',
    'clear',
    [
      [[], care],
      [[], research],
      [[ended], research],
      [[objection({ from: now + day })], research],
      [[objection({ sender: 'Organization/hospital-2' })], research],
    ],
  ],
  [
    'intake by an institution',
    'the patient has no number of that institution, or more than one',
    'no-number',
    [[[notice(100)], { number: undefined }]],
  ],
  [
    'intake',
    'no notice of that institution **for that number**; only notices from before the end of an objection; one that was taken back; one of a day to come',
    'no-notice',
    [
      [[]],
      [[notice(100, { persons: ['urn:numbers|2'] })]],
      [[notice(100, { sender: 'Organization/hospital-2' })]],
      [[notice(100), ended]],
      [[notice(100, { until: now - day })]],
      [[notice(-1)]],
    ],
  ],
  [
    'intake about somebody whose birth date is known',
    'only notices from a day on which he was under `GUARDIAN_REQUIRED_UNDER_AGE`, none of which a guardian heard too',
    'guardian',
    [
      [[notice(100)], { guarded: new Set<string>() }],
      [[notice(100), notice(5, { source: 'Communication/2' })], { guarded: new Set(['Communication/3']) }],
      [[notice(100)], { guarded: new Set<string>(), outdated: new Set(['Communication/1']) }],
    ],
  ],
  [
    'intake, with `RENOTICE_BLOCKS`',
    'only notices whose text has since been replaced by one that asks for new notices',
    'told-again',
    [[[notice(100)], { outdated: new Set(['Communication/1']) }]],
  ],
  [
    'intake, with `RENOTICE_AT_AGE`',
    'only notices that a guardian heard in his place, and he has come of that age since',
    'told-again',
    [
      [
        [notice(100), notice(200, { source: 'Communication/2' })],
        { guarded: new Set(['Communication/1', 'Communication/2']), outdated: new Set(['Communication/1', 'Communication/2']) },
      ],
    ],
  ],
  ['intake', 'notices, but for none the waiting period is over', 'wait', [[[notice(30)]], [[notice(5), ended]]]],
  [
    'intake',
    'else',
    'clear',
    [[[notice(31)]], [[notice(5), notice(100, { source: 'Communication/2' })]], [[notice(31)], { guarded: new Set(['Communication/1']) }]],
  ],
];

describe('decisions', () => {
  for (const [asked, onRecord, answer, cases] of rows) {
    test.each(cases)(`${asked} — ${onRecord}: ${answer} (%#)`, (lines, more = {}) => {
      const question = {
        purpose: 'intake',
        institution: hospital,
        number,
        lines,
        now,
        waitDays: 30,
        timeZone: 'Asia/Tokyo',
        ...more,
      } as Question;
      expect(decide(question)).toBe(answer);
    });
  }

  test('docs/consent.md has these rows, in this order, and no other', () => {
    const page = readFileSync(new URL('../../docs/consent.md', import.meta.url), 'utf8');
    const start = page.indexOf('\n## The decision\n');
    const section = page.slice(start, page.indexOf('\n## ', start + 4));
    const written = [...section.matchAll(/^\| (.+) \| (.+) \| `([a-z-]+)` \|$/gm)].map(([, ...cells]) => cells);
    expect(written).toEqual(rows.map(([asked, onRecord, answer]) => [asked, onRecord, answer]));
  });
});
