// https://hl7.org/fhir/R4/json.html, https://hl7.org/fhir/R4/security.html#narrative: attacks by what is sent, over a whole server
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { openWhole, type Whole } from './whole.ts';

let server: Whole;
beforeAll(async () => {
  server = await openWhole('--max-body-bytes', '1000000');
});
afterAll(() => server.close());
// Alive, and nothing came in.
afterEach(async () => {
  expect(await server.count('Patient')).toBe(0);
});

const post = (body: string | Uint8Array, headers: Record<string, string> = {}) => server.ask('POST', 'Patient', { body, headers });

describe('1, 2: JSON that is none, and JSON that is no resource', () => {
  test.each([
    ['nothing', ''],
    ['a blank', ' '],
    ['truncated in an object', '{"resourceType":"Patient",'],
    ['truncated in a text', '{"resourceType":"Pati'],
    ['truncated in an escape', '{"resourceType":"Patient","id":"\\u12'],
    ['a comma too many', '{"resourceType":"Patient",}'],
    ['single quotes', "{'resourceType':'Patient'}"],
    ['a comment', '{"resourceType":"Patient"/* x */}'],
    ['a bare word', '{resourceType:"Patient"}'],
    ['NaN', '{"resourceType":"Patient","multipleBirthInteger":NaN}'],
    ['a number with a leading zero', '{"resourceType":"Patient","multipleBirthInteger":01}'],
    ['a control character in a text', '{"resourceType":"Patient","language":"a\u0001"}'],
    ['two roots', '{"resourceType":"Patient"}{}'],
    ['an escape that is none', '{"resourceType":"Patient","language":"\\x"}'],
    ['a list', '[]'],
    ['a list of resources', '[{"resourceType":"Patient"}]'],
    ['a text', '"Patient"'],
    ['a number', '1'],
    ['null', 'null'],
    ['an object that is no resource', '{"a":1}'],
    ['a type that R4 does not have', '{"resourceType":"Patiant"}'],
    ['another type than the URL names', '{"resourceType":"Observation"}'],
    ['a type that is no text', '{"resourceType":["Patient"]}'],
    ['an empty list', '{"resourceType":"Patient","name":[]}'],
    ['null for an element', '{"resourceType":"Patient","gender":null}'],
    ['a lone surrogate', '{"resourceType":"Patient","birthDate":"\\ud800"}'],
  ])('%s: 400', async (_name, body) => {
    expect((await post(body)).status).toBe(400);
  });

  test.each([
    ['an overlong form', [0x22, 0xc0, 0x80, 0x22]],
    ['a lone continuation', [0x22, 0x80, 0x22]],
    ['a surrogate', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['UTF-16', [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]],
  ])('invalid UTF-8, %s: 400', async (_name, bytes) => {
    const [before, after] = ['{"resourceType":"Patient","language":', '}'].map(text => Buffer.from(text));
    expect((await post(Buffer.concat([before!, Buffer.from(bytes), after!]))).status).toBe(400);
  });
});

test.each([
  ['in the resource', '{"resourceType":"Patient","gender":"male","gender":"female"}'],
  ['resourceType itself', '{"resourceType":"Observation","resourceType":"Patient"}'],
  ['deep inside', '{"resourceType":"Patient","name":[{"family":"a","family":"b"}]}'],
  ['once escaped', '{"resourceType":"Patient","gender":"male","\\u0067ender":"female"}'],
])('3: the same key twice, %s: 400', async (_name, body) => {
  expect((await post(body)).status).toBe(400);
});

test.each([
  ['lists', '{"resourceType":"Patient","a":' + '['.repeat(100_000) + ']'.repeat(100_000) + '}'],
  ['lists that are never closed', '{"resourceType":"Patient","a":' + '['.repeat(900_000)],
  ['objects', '{"resourceType":"Patient","a":' + '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000) + '}'],
  [
    'extensions, all of them allowed',
    '{"resourceType":"Patient","extension":' + '[{"url":"urn:x","extension":'.repeat(5000) + '[]' + '}]'.repeat(5000) + '}',
  ],
])('4: 100,000 nested %s: 400', async (_name, body) => {
  const { status, why } = await post(body);
  expect([status, why]).toEqual([400, 'The body is nested too deeply.']);
});

describe('5, 6: size', () => {
  test('a body over the limit: 413', async () => {
    expect((await post(`{"resourceType":"Patient","language":"${'a'.repeat(1_000_000)}"}`)).status).toBe(413);
  });

  test.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ] as const)('a %s bomb: 413', async (encoding, compress) => {
    const bomb = compress(Buffer.alloc(20_000_000, 32));
    expect((await post(bomb, { 'content-encoding': encoding })).status).toBe(413);
  });
});

test.each([
  ['text/plain', 415],
  ['application/fhir+json; charset=shift_jis', 415],
  ['multipart/form-data', 415],
])('7: Content-Type %s: %i', async (type, status) => {
  expect((await post('{"resourceType":"Patient"}', { 'content-type': type })).status).toBe(status);
});

test('8: Accept image/png: 406', async () => {
  expect((await server.ask('GET', 'Patient', { headers: { accept: 'image/png' } })).status).toBe(406);
});

const entity = '<!DOCTYPE p [<!ENTITY e SYSTEM "file:///etc/hostname">]><Patient xmlns="http://hl7.org/fhir"><id value="&e;"/></Patient>';
const laughs =
  '<!DOCTYPE p [<!ENTITY a "ha">' +
  [...'bcdefghij'].map((name, i) => `<!ENTITY ${name} "${`&${'abcdefghi'[i]};`.repeat(10)}">`).join('') +
  ']><Patient xmlns="http://hl7.org/fhir"><id value="&j;"/></Patient>';

describe('9, 10: no entity is read, whatever the body is called', () => {
  test.each([
    ['an external entity', entity],
    ['a billion laughs', laughs],
  ])('%s: 400 as XML and as JSON', async (_name, body) => {
    for (const type of ['application/fhir+xml', 'application/xml', 'text/xml']) {
      const { status, text } = await post(body, { 'content-type': type });
      expect([status, /root:|ha{3}/.test(text)]).toEqual([400, false]);
    }
    expect((await post(body)).status).toBe(400);
  });

  test.each([
    ['an external entity', entity],
    ['a billion laughs', laughs],
  ])('%s in a narrative: 422', async (_name, xml) => {
    const body = { resourceType: 'Patient', text: { status: 'generated', div: xml } };
    expect((await post(JSON.stringify(body))).status).toBe(422);
  });
});

test.each([
  ['__proto__', '{"resourceType":"Patient","__proto__":{"polluted":true}}'],
  ['constructor.prototype', '{"resourceType":"Patient","constructor":{"prototype":{"polluted":true}}}'],
  ['__proto__ inside an element', '{"resourceType":"Patient","name":[{"__proto__":{"polluted":true},"family":"a"}]}'],
  ['__proto__ beside a primitive', '{"resourceType":"Patient","___proto__":{"id":"a"},"_constructor":{"id":"a"}}'],
  ['hasOwnProperty', '{"resourceType":"Patient","hasOwnProperty":1,"toString":2,"valueOf":3}'],
  ['as the type', '{"resourceType":"__proto__"}'],
])('13: the key %s: 400, and nothing is polluted', async (_name, body) => {
  expect((await post(body)).status).toBe(400);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});
