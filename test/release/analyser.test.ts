// A policy that asks for a morphological analyser. docs/deidentification/text.md (an analyser)
import { describe, expect, test } from '@jest/globals';
import type { Context } from '../../src/deid/context.ts';
import { deidentify } from '../../src/deid/deidentify.ts';
import { seriesKeys } from '../../src/deid/keys.ts';
import { dictionary, knownOf, nothingKnown, textCleaner } from '../../src/deid/text/index.ts';
import type { AnyResource, Json } from '../../src/fhir/model/r4.ts';
import { analyser } from '../../src/release/analyser.ts';
import { cleanerFor } from '../../src/release/cleaning.ts';
import { policyNamed, policyOf } from '../../src/release/policies.ts';

const asks = { name: 'x', version: '1', title: 'x', extends: 'jp-anonymized-text', analyser: 'ipadic' };

describe('an analyser', () => {
  test.each([
    ['長谷川千代子が付き添う', '【氏名】が付き添う'],
    ['😀髙橋恵美と來院。体温36.5', '😀【氏名】と來院。体温36.5'],
    ['ﾊﾅｺに電話', '【氏名】に電話'],
    ['糖尿病の経過は良好', '糖尿病の経過は良好'],
  ])('%s', (text, left) => expect(textCleaner(dictionary(nothingKnown), { analyse: analyser() })(text)?.text).toBe(left));

  test('is asked where the policy asks for it, beside what the records know', () => {
    const note = {
      resourceType: 'Condition',
      id: 'c',
      subject: { reference: 'Patient/p' },
      note: [{ text: '山田様は千代子と来院' }],
    } as AnyResource;
    const known = knownOf([{ resourceType: 'Patient', name: [{ text: '山田太郎', family: '山田' }] }], 'patient');
    const left = (compiled: ReturnType<typeof policyOf>): unknown => {
      const context: Context = {
        keys: seriesKeys(Buffer.alloc(32, 1)),
        base: 'https://noren.test/fhir',
        id: 'c',
        subject: { shiftDays: 1, pooled: false },
        lead: reference => ({ reference }),
        clean: cleanerFor(dictionary(nothingKnown), known, compiled.policy),
      };
      return ((deidentify(compiled, note, context) as Json)['note'] as Json[])[0]!['text'];
    };
    expect(left(policyOf(asks))).toBe('【氏名】様は【氏名】と来院');
    expect(left(policyNamed('jp-anonymized-text'))).toBe('【氏名】様は千代子と来院');
  });

  test('is part of the policy and of its hash', () =>
    expect(policyOf(asks).hash).not.toBe(policyOf({ ...asks, analyser: undefined }).hash));

  test.each([
    [{ ...asks, analyser: 'unidic' }, 'analyser: is "ipadic", or not there'],
    [{ ...asks, extends: 'jp-anonymized' }, 'analyser: has nothing to read'],
  ])('%j stops the load', (json, text) => expect(() => policyOf(json)).toThrow(text));
});
