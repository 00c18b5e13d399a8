// https://hl7.org/fhir/R4/json.html, https://hl7.org/fhir/R4/datatypes.html#decimal, RFC 8259
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Decimal, parseJson } from '../../../src/fhir/model/json.ts';
import { Problem } from '../../../src/fhir/model/outcome.ts';
import { cpuTime } from '../../cpu-time.ts';

const kindOf = (body: Buffer | string, limits?: { maxDepth?: number }): string => {
  try {
    parseJson(body, limits);
    return 'parsed';
  } catch (thrown) {
    if (thrown instanceof Problem) return thrown.kind;
    throw thrown;
  }
};

const suite = path.resolve(import.meta.dirname, '../../../../shared/suites/json-test-suite/test_parsing');
const files = existsSync(suite) ? readdirSync(suite) : [];
if (files.length === 0) console.warn('SKIPPED: ../shared/suites/json-test-suite is not there');

// The suite takes a key twice for good JSON; FHIR elements stand once.
const twice = ['y_object_duplicated_key.json', 'y_object_duplicated_key_and_value.json'];

(files.length > 0 ? describe : describe.skip)('the JSON test suite', () => {
  test.each(files.length > 0 ? files : ['-'])('%s', file => {
    const kind = kindOf(readFileSync(path.join(suite, file)), { maxDepth: 1000 });
    if (twice.includes(file)) expect(kind).toBe('invalid-structure');
    else if (file.startsWith('y_')) expect(kind).toBe('parsed');
    else if (file.startsWith('n_')) expect(['invalid-json', 'too-deep']).toContain(kind);
    else expect(['parsed', 'invalid-json', 'too-deep']).toContain(kind);
  });
});

describe('decimals', () => {
  test.each(['7.20', '1e3', '1.0', '-0', '0.10', '100.00', '12345678901234567890', '1E-2', '0.00000001', '3.14159265358979323846'])(
    '%s stays',
    text => {
      const { value } = parseJson(`{"value":${text}}`) as { value: unknown };
      expect(value).toBeInstanceOf(Decimal);
      expect(JSON.stringify({ value })).toBe(`{"value":${text}}`);
      expect(Number(value)).toBe(Number(text));
    },
  );

  test.each(['0', '7.2', '-3', '97.4', '123456', '0.000001', '123456789012345'])('%s is a plain number', text => {
    expect(parseJson(text)).toBe(Number(text));
  });

  test('any document comes back to the letter', () => {
    const digits = fc
      .tuple(fc.integer(), fc.constantFrom('', '.0', '.50', '.123456789012345678', 'e2', 'E+10', '.10e-3'))
      .map(([n, more]) => `${n}${more}`);
    const { tree } = fc.letrec<{ tree: string }>(tie => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        digits,
        fc.constantFrom('true', 'null', '"a:b{[1.0"', '"\\"7.20"', '"\\\\"'),
        fc.array(tie('tree'), { maxLength: 4 }).map(list => `[${list.join(',')}]`),
        fc
          .uniqueArray(fc.tuple(fc.stringMatching(/^[a-z_]{1,6}$/), tie('tree')), { selector: ([key]) => key, maxLength: 4 })
          .map(list => `{${list.map(([key, value]) => `"${key}":${value}`).join(',')}}`),
      ),
    }));
    fc.assert(
      fc.property(tree, text => expect(JSON.stringify(parseJson(text, { maxDepth: 1000 }))).toBe(text)),
      { numRuns: 300 },
    );
  });

  test('keys that look like numbers, which JavaScript moves to the front, change nothing', () => {
    const value = parseJson('{"a":7.20,"5":1,"b":{"10":2.50,"x":3.00,"9":4}}') as { a: unknown; b: Record<string, unknown> };
    expect(JSON.stringify(value.a)).toBe('7.20');
    expect(JSON.stringify(value.b)).toBe('{"9":4,"10":2.50,"x":3.00}');
  });
});

test('invalid UTF-8 is refused, a byte order mark is passed over', () => {
  expect(kindOf(Buffer.from([0x22, 0xc3, 0x28, 0x22]))).toBe('invalid-json');
  expect(kindOf(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]))).toBe('invalid-json');
  expect(parseJson(Buffer.from('\ufeff{"a":"あ"}'))).toEqual({ a: 'あ' });
  expect(parseJson('\ufeff[]')).toEqual([]);
  expect(kindOf(Buffer.from('\ufeff\ufeff{}'))).toBe('invalid-json');
});

test.each(['', '\ufeff', '  ', '{"resourceType":"Patient",', '{}{}', '{"a":1,}', "{'a':1}", '[1 2]', '01', '.5', '+1', 'NaN', '"\u0001"'])(
  '%j is no JSON',
  body => {
    expect(kindOf(body)).toBe('invalid-json');
    expect(kindOf(Buffer.from(body))).toBe('invalid-json');
  },
);

test.each(['{"a":1,"a":1}', '[{"x":{"a":{},"b":2,"a":[]}}]', '{"a":{"__proto__":1,"__proto__":2}}', '{"a":1,"\\u0061":2}'])(
  'a key twice in one object is refused: %s',
  body => expect(kindOf(body)).toBe('invalid-structure'),
);

test('the same key in different objects is no such thing, nor a colon in a text', () => {
  expect(parseJson('[{"a":":"},{"a":"\\":"}]')).toEqual([{ a: ':' }, { a: '":' }]);
});

test('100,000 nested arrays or objects are refused quickly; so are 101', () => {
  const start = cpuTime();
  expect(kindOf('['.repeat(100_000))).toBe('too-deep');
  expect(kindOf('{"a":'.repeat(100_000))).toBe('too-deep');
  expect(kindOf(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)).toBe('too-deep');
  expect(cpuTime() - start).toBeLessThan(10_000);
  expect(kindOf(`${'['.repeat(101)}${']'.repeat(101)}`)).toBe('too-deep');
  expect(kindOf(`${'['.repeat(100)}${']'.repeat(100)}`)).toBe('parsed');
  expect(kindOf('"' + '['.repeat(5000) + '"')).toBe('parsed');
});

test('__proto__ is a key like any other: nothing is polluted, no prototype is set, a decimal below it is kept', () => {
  const value = parseJson('{"__proto__":{"polluted":1.0},"constructor":{"prototype":{"polluted":true}}}') as object;
  expect(Object.getPrototypeOf(value)).toBe(Object.getPrototypeOf(JSON.parse('{}')));
  expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect(JSON.stringify(value)).toBe('{"__proto__":{"polluted":1.0},"constructor":{"prototype":{"polluted":true}}}');
});

test('a number longer than a thousand digits is refused', () => expect(kindOf(`[${'1'.repeat(1001)}]`)).toBe('invalid-value'));

test('a refusal shows nothing of the body', () => {
  try {
    parseJson('{"name":"山田太郎" oops}');
  } catch (thrown) {
    expect(String((thrown as Problem).message)).not.toMatch(/山田|oops/);
    return;
  }
  throw new Error('was parsed');
});
