// https://hl7.org/fhir/R4/xml.html, https://hl7.org/fhir/R4/json.html, https://hl7.org/fhir/R4/examples.html: HL7's examples, from one format into the other and back
import { expect, test } from '@jest/globals';
import { Decimal, parseJson } from '../../../src/fhir/model/json.ts';
import type { AnyResource, Json } from '../../../src/fhir/model/r4.ts';
import { readXml } from '../../../src/fhir/xml/read-xml.ts';
import { writeXml } from '../../../src/fhir/xml/write-xml.ts';
import { hl7Examples, slow } from '../profile/shared.ts';
import { textOf } from './same.ts';

const all = () => true;
const read = (xml: string): AnyResource => readXml(Buffer.from(xml), { maxDepth: 64 });

/** Narratives that neither format may hold: the validator refuses them, and so does the writer. */
const unsafe = /^(EventDefinition-example|Media-1\.2\.840|Questionnaire-zika)/;

/** What HL7's tool, which wrote the twins, did not keep: digits, entities and blanks of narratives, and the label it put on test data. */
function leveled(value: unknown, key = ''): unknown {
  if (value instanceof Decimal || typeof value === 'number') return Number(value);
  if (key === 'div') {
    const signs: Readonly<Record<string, string>> = { '&quot;': '"', '&apos;': "'", '&gt;': '>' };
    return (value as string)
      .replace(/&(?:quot|apos|gt);/g, sign => signs[sign]!)
      .replace(/\s+/g, '')
      .replace(/<(\w+)([^<>]*)><\/\1>/g, '<$1$2/>');
  }
  if (Array.isArray(value)) return value.map(one => leveled(one));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, leveled(one, name)]));
}
function unlabelled(resource: AnyResource): AnyResource {
  const { meta = {}, ...rest } = resource;
  const kept = Object.entries(meta).flatMap(([name, value]): [string, unknown][] => {
    if (name !== 'tag' && name !== 'security') return [[name, value]];
    const others = (value as Json[]).filter(coding => coding['code'] !== 'HTEST');
    return others.length === 0 ? [] : [[name, others]];
  });
  return { ...rest, ...(kept.length === 0 ? {} : { meta: Object.fromEntries(kept) }) } as AnyResource;
}

slow('HL7’s examples', () => {
  const twins = new Map(hl7Examples('json-twin-of-xml', all));

  test('XML says what its twin in JSON says, and XML written of it says the same to the digit and the byte', () => {
    const differing: string[] = [];
    let [count, paired] = [0, 0];
    for (const [file, xml] of hl7Examples('xml', all)) {
      const resource = read(xml);
      for (const pretty of [false, true])
        if (textOf(readXml(writeXml(resource, { pretty }), { maxDepth: 64 })) !== textOf(resource)) differing.push(`${file} written`);
      count++;
      const twin = twins.get(file.replace(/\.xml$/, '.json'));
      if (twin === undefined) continue;
      paired++;
      if (textOf(leveled(unlabelled(resource))) !== textOf(leveled(unlabelled(parseJson(twin) as AnyResource)))) differing.push(file);
    }
    expect([count > 600, paired > 600]).toEqual([true, true]);
    expect(differing).toEqual([]);
  }, 300_000);

  test('digits and narratives in JSON are those of the XML', () => {
    const missing: string[] = [];
    for (const [file, xml] of hl7Examples('xml', all)) {
      const text = JSON.stringify(read(xml));
      const bare = xml.replace(/<!--[\s\S]*?-->/g, '');
      for (const [, digits] of bare.matchAll(/<value value="(-?\d+\.\d+)"\s*\/>/g))
        if (!text.includes(digits!)) missing.push(`${file} ${digits}`);
      for (const { 0: div, index } of xml.matchAll(
        /<div\s[^>]*xmlns="http:\/\/www\.w3\.org\/1999\/xhtml"[^>]*>[\s\S]*?<\/div>(?=\s*<\/text>)/g,
      )) {
        const isComment = xml.lastIndexOf('<!--', index) > xml.lastIndexOf('-->', index);
        if (!isComment && !text.includes(JSON.stringify(div).slice(1, -1))) missing.push(`${file} narrative`);
      }
    }
    expect(missing).toEqual([]);
  }, 300_000);

  test('JSON to XML and back is the same JSON, to the digit and the byte', () => {
    const differing: string[] = [];
    let count = 0;
    for (const [file, text] of hl7Examples('json', all)) {
      if (unsafe.test(file)) continue;
      const resource = parseJson(text) as AnyResource;
      if (textOf(readXml(writeXml(resource), { maxDepth: 64 })) !== textOf(resource)) differing.push(file);
      count++;
    }
    expect(count).toBeGreaterThan(5000);
    expect(differing).toEqual([]);
  }, 300_000);
});
