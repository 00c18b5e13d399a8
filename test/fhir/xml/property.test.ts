// https://hl7.org/fhir/R4/xml.html, https://hl7.org/fhir/R4/json.html#null: whatever a resource is made of, XML carries it there and back
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { writeHospitals } from '../../../src/commands/generate.ts';
import { numeral, parseJson } from '../../../src/fhir/model/json.ts';
import { Problem } from '../../../src/fhir/model/outcome.ts';
import type { AnyResource, Json } from '../../../src/fhir/model/r4.ts';
import { elementsOf, typesOf } from '../../../src/fhir/profile/elements.ts';
import { readXml } from '../../../src/fhir/xml/read-xml.ts';
import { writeXml } from '../../../src/fhir/xml/write-xml.ts';
import { anyElement } from '../profile/samples.ts';
import { textOf } from './same.ts';

const back = (resource: AnyResource, pretty = false): AnyResource => readXml(writeXml(resource, { pretty }));

/** Puts ids and extensions beside values, and leaves out values that have some, as `turns` has it: 0 as it is, 1 beside it, 2 in its place. */
function decorated(json: Json, type: string, turn: () => number): Json {
  const made: Json = {};
  for (const [key, value] of Object.entries(json)) {
    const element = elementsOf(type).get(key)!;
    const isAttribute = (key === 'id' && element.type === 'string') || element.path === 'Extension.url';
    if (!element.primitive) {
      const inside = (one: unknown): unknown =>
        typeof one === 'object' && one !== null ? decorated(one as Json, element.type, turn) : one;
      const kept = Array.isArray(value) ? value.map(inside) : inside(value);
      made[key] = kept;
    } else if (isAttribute || element.type === 'xhtml') {
      made[key] = value;
    } else {
      const beside = (n: number): Json => (n % 2 === 0 ? { id: 'i' } : { extension: [{ url: 'urn:x', valueDecimal: numeral('1.50') }] });
      const one = (single: unknown): [unknown, Json | null] => {
        const how = turn();
        return how === 0 ? [single, null] : how === 1 ? [single, beside(turn())] : [null, beside(1)];
      };
      const list = (Array.isArray(value) ? value : [value]).map(one);
      const [values, besides] = [list.map(([first]) => first), list.map(([, second]) => second)];
      const has = values.some(v => v !== null);
      const more = besides.some(b => b !== null);
      if (has) made[key] = Array.isArray(value) ? values : values[0];
      if (more) made[`_${key}`] = Array.isArray(value) ? besides : besides[0];
    }
  }
  return made;
}

/** What has nothing in it is no element. */
const filled = (value: unknown): unknown => {
  if (Array.isArray(value)) {
    const list = value.map(filled).filter(one => one !== undefined);
    return list.length === 0 ? undefined : list;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, one]) => {
    const kept = filled(one);
    return kept === undefined ? [] : [[key, kept] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
};

const resources = fc
  .constantFrom(...typesOf('resource'))
  .chain(type => fc.tuple(fc.constant(type), anyElement(type, 3), fc.array(fc.nat(2), { minLength: 1, maxLength: 40 })))
  .map(([type, json, turns]) => {
    let at = 0;
    const whole = (filled(json) ?? {}) as Json;
    return { resourceType: type, ...decorated(whole, type, () => turns[at++ % turns.length]!) } as AnyResource;
  });

test('any type: JSON to XML and back is the same JSON', () => {
  fc.assert(
    fc.property(resources, fc.boolean(), (resource, pretty) => {
      expect(textOf(back(resource, pretty))).toBe(textOf(resource));
    }),
    { numRuns: 300 },
  );
}, 120_000);

test('any order of properties: the same document', () => {
  fc.assert(
    fc.property(resources, resource => {
      const turned = Object.fromEntries(Object.entries(resource).reverse()) as AnyResource;
      expect(writeXml(turned).toString()).toBe(writeXml(resource).toString());
    }),
    { numRuns: 50 },
  );
});

test('contained resources, entries and parameters, in each other', () => {
  fc.assert(
    fc.property(resources, resources, (one, two) => {
      const bundle = { resourceType: 'Bundle', type: 'collection', entry: [{ resource: one }, { resource: two }] } as AnyResource;
      const parameters = {
        resourceType: 'Parameters',
        parameter: [
          { name: 'a', resource: bundle },
          { name: 'b', part: [{ name: 'c', resource: one }] },
        ],
      } as AnyResource;
      const basic = { resourceType: 'Basic', contained: [two, one], code: { text: 'x' } } as AnyResource;
      for (const resource of [bundle, parameters, basic]) expect(textOf(back(resource))).toBe(textOf(resource));
    }),
    { numRuns: 50 },
  );
});

test('whatever is done to a document, it is read or refused, and the refusal shows none of its values', () => {
  const parts = [
    '<',
    '>',
    '/',
    '"',
    '&',
    '&#0;',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<?x',
    '?>',
    'xmlns="urn:x"',
    ' id="secret-1"',
    '<extension url="secret-1">',
    '</name>',
    '\ud800',
    '\u0000',
    ' value="secret-1"',
  ];
  const change = fc.tuple(fc.nat(), fc.nat(60), fc.constantFrom(...parts, ''));
  fc.assert(
    fc.property(resources, fc.array(change, { minLength: 1, maxLength: 4 }), (resource, changes) => {
      const named = { ...resource, extension: [{ url: 'secret-1', valueString: 'secret-1' }] } as AnyResource;
      let xml = writeXml(elementsOf(resource.resourceType).has('extension') ? named : resource).toString();
      for (const [at, length, part] of changes) xml = xml.slice(0, at % xml.length) + part + xml.slice((at % xml.length) + length);
      try {
        writeXml(readXml(Buffer.from(xml)));
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(Problem);
        expect(JSON.stringify([(thrown as Problem).message, (thrown as Problem).findings])).not.toContain('secret-1');
      }
    }),
    { numRuns: 300 },
  );
});

test('any text that FHIR allows', () => {
  const text = fc
    .string({ unit: 'binary', minLength: 1 })
    .filter(value => value.isWellFormed() && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(value));
  fc.assert(
    fc.property(text, value => {
      const resource = {
        resourceType: 'Patient',
        name: [{ text: value, given: [value, value] }],
        extension: [{ url: value, valueString: value }],
      } as AnyResource;
      expect(textOf(back(resource))).toBe(textOf(resource));
    }),
    { numRuns: 1000 },
  );
});

test('any decimal, to the digit', () => {
  const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,20})(\.\d{1,20})?([eE][+-]?\d{1,3})?$/);
  fc.assert(
    fc.property(digits, text => {
      const json = `{"resourceType":"Observation","valueQuantity":{"value":${text}}}`;
      expect(JSON.stringify(back(parseJson(json) as AnyResource))).toBe(json);
    }),
    { numRuns: 1000 },
  );
});

test('bundles of generated hospitals', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'noren-xml-'));
  try {
    writeHospitals({ patients: 3, seed: 'xml', day: '2026-01-31' }, folder);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file => /^hospital-.*\.json$/.test(file));
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) {
      const bundle = parseJson(readFileSync(path.join(folder, file))) as AnyResource;
      expect(textOf(back(bundle))).toBe(textOf(bundle));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
