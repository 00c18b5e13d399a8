// https://hl7.org/fhir/R4/http.html#paging
import { expect, test } from '@jest/globals';
import { Problem } from '../../../src/fhir/model/outcome.ts';
import { createSealer } from '../../../src/fhir/model/seal.ts';

const sealer = createSealer(Buffer.alloc(32, 1));
const hour = 3_600_000;
const thrown = (f: () => unknown): string => {
  try {
    f();
    return 'nothing';
  } catch (error) {
    return error instanceof Problem ? error.kind : String(error);
  }
};

test('seal: opens to what was sealed, for whom it was sealed, and shows nothing of it', () => {
  const text = sealer.seal({ name: '山田' }, 'client a', 1000);
  expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
  expect(Buffer.from(text, 'base64url').includes(Buffer.from('山田'))).toBe(false);
  expect(sealer.open(text, 'client a', hour, 1000 + hour)).toEqual({ name: '山田' });
  expect(sealer.seal({ name: '山田' }, 'client a', 1000)).not.toBe(text);
});

test('seal: too old answers deleted', () => {
  expect(thrown(() => sealer.open(sealer.seal(1, 'a', 1000), 'a', hour, 1001 + hour))).toBe('deleted');
});

test('seal: foreign, of another key, altered in any place, cut or no seal at all: refused', () => {
  const text = sealer.seal({ a: 1 }, 'a', 0);
  expect(thrown(() => sealer.open(text, 'b', hour, 0))).toBe('invalid-parameter');
  expect(thrown(() => createSealer(Buffer.alloc(32, 2)).open(text, 'a', hour, 0))).toBe('invalid-parameter');
  for (let i = 0; i < text.length; i++) {
    const other = text[i] === 'A' ? 'B' : 'A';
    expect(thrown(() => sealer.open(text.slice(0, i) + other + text.slice(i + 1), 'a', hour, 0))).toBe('invalid-parameter');
  }
  for (const wrong of ['', 'x', text.slice(0, -1), `${text}A`, `${text}=`, ` ${text}`, 'ü'.repeat(80)])
    expect(thrown(() => sealer.open(wrong, 'a', hour, 0))).toBe('invalid-parameter');
});
