// https://www.rfc-editor.org/rfc/rfc6902, https://www.rfc-editor.org/rfc/rfc6901, https://hl7.org/fhir/R4/http.html#patch
import { expect, test } from '@jest/globals';
import { applyJsonPatch } from '../../../../src/fhir/interactions/patch/json-patch.ts';
import { createBudget } from '../../../../src/fhir/interactions/patch/values.ts';
import { parseJson } from '../../../../src/fhir/model/json.ts';
import { Problem } from '../../../../src/fhir/model/outcome.ts';

const apply = (document: string, patch: unknown): string =>
  JSON.stringify(applyJsonPatch(parseJson(document), parseJson(typeof patch === 'string' ? patch : JSON.stringify(patch)), createBudget()));
const refusal = (document: string, patch: unknown): number => {
  try {
    apply(document, patch);
  } catch (thrown) {
    if (thrown instanceof Problem) return thrown.status;
    throw thrown;
  }
  return 200;
};

test('JSON Patch: numbers keep their digits, those of the document and those of the patch', () => {
  expect(apply('{"a":7.20,"b":[1.0]}', '[{"op":"copy","from":"/a","path":"/c"},{"op":"add","path":"/b/-","value":1e3}]')).toBe(
    '{"a":7.20,"b":[1.0,1e3],"c":7.20}',
  );
});

test('JSON Patch: test compares numbers by value, with every digit', () => {
  const document = '{"a":0.12345678901234567890,"b":7.20,"c":-0.0,"d":120}';
  const same = (path: string, value: string) => refusal(document, `[{"op":"test","path":"${path}","value":${value}}]`);
  expect([same('/b', '7.2'), same('/b', '720e-2'), same('/a', '0.1234567890123456789'), same('/c', '0'), same('/d', '1.2E+2')]).toEqual([
    200, 200, 200, 200, 200,
  ]);
  expect([same('/a', '0.12345678901234567891'), same('/b', '"7.20"'), same('/b', '-7.2'), same('/d', '12')]).toEqual([422, 422, 422, 422]);
});

test('JSON Patch: the order of members means nothing to test, that of a list does', () => {
  const document = '{"a":{"x":1,"y":[1,2]}}';
  expect(refusal(document, [{ op: 'test', path: '/a', value: { y: [1, 2], x: 1 } }])).toBe(200);
  expect(refusal(document, [{ op: 'test', path: '/a', value: { y: [2, 1], x: 1 } }])).toBe(422);
  expect(refusal(document, [{ op: 'test', path: '/a', value: { y: [1, 2] } }])).toBe(422);
});

test('JSON Patch: a prototype is reached by no path, and __proto__ is a member like any other', () => {
  for (const path of [
    '/__proto__/polluted',
    '/constructor/prototype/polluted',
    '/list/__proto__/polluted',
    '/list/constructor',
    '/toString',
  ])
    for (const op of ['add', 'replace', 'test'])
      if (!(op === 'add' && path === '/toString'))
        expect([op, path, refusal('{"list":[]}', [{ op, path, value: true }])]).toEqual([op, path, 422]);
  expect(apply('{}', '[{"op":"add","path":"/__proto__","value":{"polluted":true}},{"op":"copy","from":"/__proto__","path":"/a"}]')).toBe(
    '{"__proto__":{"polluted":true},"a":{"polluted":true}}',
  );
  expect(apply('{}', '[{"op":"add","path":"/a","value":{"__proto__":{"polluted":true}}}]')).toBe('{"a":{"__proto__":{"polluted":true}}}');
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
});

test('JSON Patch: copies that double again and again, and too many operations, are refused before they cost much', () => {
  const doubling = Array.from({ length: 900 }, (_, i) => ({ op: 'copy', from: '', path: `/a${i}` }));
  expect(refusal('{"a":1}', doubling)).toBe(422);
  expect(refusal('{"a":1}', new Array(1001).fill({ op: 'test', path: '/a', value: 1 }))).toBe(422);
});

test('JSON Patch: what is no patch is 400, what cannot be done 422, and moves into itself are neither done', () => {
  for (const patch of [
    {},
    [null],
    [[]],
    [{ op: 'add', path: '/a' }],
    [{ op: 'add', path: 'a', value: 1 }],
    [{ op: 'add', path: '/~2', value: 1 }],
    [{ op: 'move', path: '/a' }],
  ])
    expect([patch, refusal('{"a":1}', patch)]).toEqual([patch, 400]);
  expect(refusal('{"a":{"b":{}}}', [{ op: 'move', from: '/a', path: '/a/b/c' }])).toBe(422);
  expect(apply('{"a":{"b":1}}', [{ op: 'move', from: '/a', path: '/a' }])).toBe('{"a":{"b":1}}');
});
