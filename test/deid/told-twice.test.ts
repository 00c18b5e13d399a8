// What a policy must not tell both hidden and plain. docs/deidentification.md (policies), docs/deidentification/images.md (options)
import { describe, expect, test } from '@jest/globals';
import { policyOf } from '../../src/release/policies.ts';
import { compile } from './ground.ts';

const dated = (...rules: object[]) =>
  compile({
    groups: [
      {
        measure: 'kept',
        title: 'kept',
        rules: [{ paths: ['Resource.id'], method: 'pseudonymize' }, ...rules],
      },
    ],
    elements: { Condition: ['onsetDateTime', 'recordedDate'] },
  });
const [dateTimes, recorded] = [['dateTime'], ['Condition.recordedDate']];

describe('dates that stay beside dates that move show the shift: the load stops', () => {
  test.each<[string, object, object]>([
    ['date-shift, keep', { method: 'date-shift' }, { method: 'keep' }],
    ['months of shifted days, keep', { method: 'generalize-date' }, { method: 'keep' }],
    ['date-shift, months of true days', { method: 'date-shift' }, { method: 'generalize-date', shift: false }],
  ])('%s', (_, moves, stays) => {
    const fault = /Condition\.recordedDate: stays as it is, and dateTime moves: .*let both move, or none/;
    expect(() => dated({ paths: dateTimes, ...moves }, { paths: recorded, ...stays })).toThrow(fault);
    expect(() => dated({ paths: dateTimes, ...stays }, { paths: recorded, ...moves })).toThrow('dateTime: stays as it is');
  });

  test('but a year may stay, and all may move, or stay', () => {
    const [moved, kept, year] = [{ method: 'date-shift' }, { method: 'keep' }, { method: 'generalize-date', to: 'year', shift: false }];
    for (const [of, own] of [
      [moved, year],
      [moved, { method: 'generalize-date' }],
      [kept, year],
      [kept, kept],
    ])
      expect(dated({ paths: dateTimes, ...of }, { paths: recorded, ...own }).keepsDays).toBe(of === kept);
  });
});

test('days in texts stay only where the rule for dateTime keeps them, not where one date of its own does', () => {
  const year = { method: 'generalize-date', to: 'year', shift: false };
  expect(dated({ paths: dateTimes, ...year }, { paths: recorded, method: 'keep' }).keepsDays).toBe(false);
  expect(dated({ paths: ['Condition.onsetDateTime'], ...year }, { paths: recorded, method: 'keep' }).keepsDays).toBe(false);
});

describe('files', () => {
  const images = (options: string[], more: object = {}) =>
    policyOf({
      ...{ name: 'own', version: '1.0.0', title: 'own', extends: 'jp-anonymized', ...more },
      groups: [
        {
          measure: 'identifying-descriptions',
          rules: [{ paths: ['Binary'], method: 'clean-attachment', texts: false, dicom: { options } }],
        },
        { measure: 'linking-codes', rules: [{ paths: ['ImagingStudy.identifier'], method: 'pseudonymize', domain: 'uid' }] },
      ],
      elements: { Binary: ['contentType', 'data'], ImagingStudy: ['identifier'] },
    });
  test('with true dates where those of FHIR move: the load stops', () => {
    expect(() => images(['retainLongitudinalFullDates'])).toThrow('dates in files would stay as they are');
    expect(() => images(['retainLongitudinalModifiedDates'])).not.toThrow();
    expect(() => images(['retainLongitudinalFullDates'], { extends: 'jp-pseudonymized' })).not.toThrow();
  });
  test('with true UIDs where those of FHIR get pseudonyms: the load stops', () => {
    expect(() => images(['retainUids'])).toThrow('without "retainUids" both get the same');
  });
});
