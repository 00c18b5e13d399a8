// https://hl7.org/fhir/R4/xml.html: what a document says is what its JSON says, both ways; what is no document of FHIR is refused by its place
import { describe, expect, test } from '@jest/globals';
import { parseJson } from '../../../src/fhir/model/json.ts';
import { Problem } from '../../../src/fhir/model/outcome.ts';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import { readXml, readXmlInTurns } from '../../../src/fhir/xml/read-xml.ts';
import { writeXml } from '../../../src/fhir/xml/write-xml.ts';
import { cpuTime } from '../../cpu-time.ts';

const ns = 'xmlns="http://hl7.org/fhir"';
const xhtml = 'xmlns="http://www.w3.org/1999/xhtml"';
const read = (text: string, limits?: { maxDepth?: number }) => readXml(Buffer.from(text), limits);
const patient = (inside: string) => `<Patient ${ns}>${inside}</Patient>`;
/** The text of its JSON: numbers with their digits. */
const json = (resource: AnyResource): string => JSON.stringify(resource);
const written = (text: string): string => writeXml(parseJson(text) as AnyResource).toString();
const declaration = '<?xml version="1.0" encoding="UTF-8"?>';

/** [document, the same as JSON], each the other's picture. */
const pairs: readonly (readonly [name: string, xml: string, json: string])[] = [
  [
    'values of each kind',
    `${patient('<id value="a"/><active value="true"/><birthDate value="1970"/><multipleBirthInteger value="2"/>')}`,
    '{"resourceType":"Patient","id":"a","active":true,"birthDate":"1970","multipleBirthInteger":2}',
  ],
  ['a list of one is a list', patient('<name><given value="Ume"/></name>'), '{"resourceType":"Patient","name":[{"given":["Ume"]}]}'],
  [
    'a value with an id and an extension',
    patient('<birthDate id="b" value="1970"><extension url="urn:x"><valueDecimal value="1.50"/></extension></birthDate>'),
    '{"resourceType":"Patient","birthDate":"1970","_birthDate":{"id":"b","extension":[{"url":"urn:x","valueDecimal":1.50}]}}',
  ],
  [
    'an extension without a value',
    patient('<gender><extension url="urn:x"><valueCode value="y"/></extension></gender>'),
    '{"resourceType":"Patient","_gender":{"extension":[{"url":"urn:x","valueCode":"y"}]}}',
  ],
  [
    'lists that keep step with null',
    patient(
      '<name><given value="A"/><given><extension url="urn:x"><valueCode value="y"/></extension></given><given id="c" value="C"/><given value="D"/></name>',
    ),
    '{"resourceType":"Patient","name":[{"given":["A",null,"C","D"],"_given":[null,{"extension":[{"url":"urn:x","valueCode":"y"}]},{"id":"c"},null]}]}',
  ],
  [
    'a list of which no item has a value',
    patient('<name><given><extension url="urn:x"><valueCode value="y"/></extension></given></name>'),
    '{"resourceType":"Patient","name":[{"_given":[{"extension":[{"url":"urn:x","valueCode":"y"}]}]}]}',
  ],
  [
    'an id of an element is an attribute',
    patient('<name id="n"><family value="F"/></name>'),
    '{"resourceType":"Patient","name":[{"id":"n","family":"F"}]}',
  ],
  [
    'an extension in an extension',
    patient('<extension url="urn:a"><extension url="urn:b"><valueString value="c"/></extension></extension>'),
    '{"resourceType":"Patient","extension":[{"url":"urn:a","extension":[{"url":"urn:b","valueString":"c"}]}]}',
  ],
  [
    'contained resources',
    patient(
      '<contained><Organization><id value="o"/></Organization></contained><contained><Practitioner><id value="p"/></Practitioner></contained>',
    ),
    '{"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o"},{"resourceType":"Practitioner","id":"p"}]}',
  ],
  [
    'entries of a Bundle, whose url is an element',
    `<Bundle ${ns}><type value="batch"/><link><relation value="self"/><url value="u"/></link><entry><fullUrl value="urn:a"/><resource><Basic><id value="b"/></Basic></resource><request><method value="PUT"/><url value="Basic/b"/></request></entry></Bundle>`,
    '{"resourceType":"Bundle","type":"batch","link":[{"relation":"self","url":"u"}],"entry":[{"fullUrl":"urn:a","resource":{"resourceType":"Basic","id":"b"},"request":{"method":"PUT","url":"Basic/b"}}]}',
  ],
  [
    'parameters',
    `<Parameters ${ns}><parameter><name value="a"/><resource><Parameters><parameter><name value="b"/><valueDecimal value="0.10"/></parameter></Parameters></resource></parameter><parameter><name value="c"/><part><name value="d"/><valueBoolean value="false"/></part></parameter></Parameters>`,
    '{"resourceType":"Parameters","parameter":[{"name":"a","resource":{"resourceType":"Parameters","parameter":[{"name":"b","valueDecimal":0.10}]}},{"name":"c","part":[{"name":"d","valueBoolean":false}]}]}',
  ],
  [
    'a group that stands in itself',
    `<Questionnaire ${ns}><item><linkId value="1"/><item><linkId value="1.1"/></item></item></Questionnaire>`,
    '{"resourceType":"Questionnaire","item":[{"linkId":"1","item":[{"linkId":"1.1"}]}]}',
  ],
  [
    'characters that XML writes otherwise',
    patient('<name><text value="&lt;a&gt; &amp; &quot;b&quot;&#9;&#10;&#13; \' 𠮷 \u3000"/></name>'),
    '{"resourceType":"Patient","name":[{"text":"<a> & \\"b\\"\\t\\n\\r \' 𠮷 \u3000"}]}',
  ],
];

describe('XML and JSON say the same', () => {
  test.each(pairs)('%s', (_name, xml, text) => {
    expect(json(read(xml))).toBe(text);
    expect(written(text)).toBe(declaration + xml);
  });

  test.each(['7.20', '1e3', '1.0E-5', '-0', '0.10', '100.00', '12345678901234567890', '3.14159265358979323846', '66.899999999999991'])(
    'the decimal %s keeps its digits',
    digits => {
      const document = `<Quantity><value value="${digits}"/></Quantity>`.replace(/Quantity/g, 'valueQuantity');
      const xml = `<Observation ${ns}>${document}</Observation>`;
      const text = `{"resourceType":"Observation","valueQuantity":{"value":${digits}}}`;
      expect(json(read(xml))).toBe(text);
      expect(written(text)).toBe(declaration + xml);
    },
  );

  test.each([
    ['white space and line ends', `<div ${xhtml}>\r\n  <p>a\tb</p>\n\n</div>`],
    ['entities, character references and quotes as they were written', `<div ${xhtml}>&lt;&#169;&#xA9;&quot;"'&apos;&amp;</div>`],
    ['comments', `<div ${xhtml}><!-- a <b> & c --><p>x</p></div>`],
    ['empty elements in either form', `<div ${xhtml}><br/><br /><p></p>x<img src="#a" alt='b'/></div>`],
    [
      'attributes in their order, an inner namespace',
      `<div title="t" ${xhtml} id='i'><div xml:lang="ja" lang="ja" ${xhtml}>日本 𠮷</div></div>`,
    ],
    ['blanks in its tags', `<div  ${xhtml} ><p >x</p ></div >`],
  ])('a narrative keeps its bytes: %s', (_name, div) => {
    const xml = patient(`<text><status value="generated"/>${div}</text><active value="true"/>`);
    const resource = read(xml);
    expect((resource['text'] as { div: string }).div).toBe(div);
    expect(writeXml(resource).toString()).toBe(declaration + xml);
  });

  test('elements are written in the order of their type, whatever the order of the JSON', () => {
    expect(
      written('{"birthDate":"1970","name":[{"given":["A"],"use":"official","_family":{"id":"f"}}],"id":"a","resourceType":"Patient"}'),
    ).toBe(
      declaration +
        patient('<id value="a"/><name><use value="official"/><family id="f"/><given value="A"/></name><birthDate value="1970"/>'),
    );
  });

  test('pretty: one element a line; the narrative stays as it is', () => {
    const div = `<div ${xhtml}><p>a</p><p>b</p></div>`;
    const resource = read(patient(`<text><status value="generated"/>${div}</text><name><family value="F"/></name>`));
    expect(writeXml(resource, { pretty: true }).toString()).toBe(
      `${declaration}\n<Patient ${ns}>\n  <text>\n    <status value="generated"/>\n    ${div}\n  </text>\n  <name>\n    <family value="F"/>\n  </name>\n</Patient>`,
    );
    expect(json(readXml(writeXml(resource, { pretty: true })))).toBe(json(resource));
  });

  test('what XML cannot hold is written as the replacement character', () => {
    expect(writeXml({ resourceType: 'Patient', name: [{ text: 'a\u0001b\ufffec\ud800' }] }).toString()).toContain(
      'value="a\ufffdb\ufffdc\ufffd"',
    );
  });
});

describe('what says nothing about the resource', () => {
  test.each([
    [
      'comments and processing instructions',
      `<?xml version="1.0" encoding="utf-8"?><?style a?><!-- a -->${patient('<!-- b --><id value="a"/><?pi b?>')}<!-- c -->`,
    ],
    ['a byte order mark', `\ufeff${patient('<id value="a"/>')}`],
    [
      'the place of a schema, which is not fetched',
      `<Patient ${ns} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://hl7.org/fhir http://127.0.0.1:1/fhir.xsd"><id value="a"/></Patient>`,
    ],
    ['a prefix', '<f:Patient xmlns:f="http://hl7.org/fhir"><f:id value="a"/></f:Patient>'],
    ['namespaces that nothing uses', `<Patient ${ns} xmlns:h="http://www.w3.org/1999/xhtml"><id xmlns:i="urn:i" value="a"/></Patient>`],
    ['white space between elements', `${patient('\n\t<id\n value = "a"\r\n></id> ')}\n`],
  ])('%s', (_name, xml) => {
    expect(json(read(xml))).toBe('{"resourceType":"Patient","id":"a"}');
  });
});

/** Kind, place and text of a refusal. */
function refusal(
  xml: string | Buffer,
  limits?: { maxDepth?: number },
): readonly [kind: string, expression: string | undefined, text: string] {
  try {
    readXml(Buffer.from(xml), limits);
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    return [thrown.kind, thrown.findings[0]!.expression, thrown.message];
  }
  return ['taken', undefined, ''];
}

describe('what is refused', () => {
  test.each<[string, string, string, string | undefined]>([
    ['an element that is none', patient('<colour value="secret"/>'), 'invalid-structure', 'Patient'],
    ['an element whose name may be a value', patient('<secret_1970 value="a"/>'), 'invalid-structure', 'Patient'],
    [
      'an element out of order',
      patient('<name><family value="secret"/></name><name><given value="a"/><family value="secret"/></name>'),
      'invalid-structure',
      'Patient.name[1].family',
    ],
    ['an element twice', patient('<birthDate value="1970"/><birthDate value="1971"/>'), 'invalid-structure', 'Patient.birthDate'],
    [
      'two of a choice',
      patient('<deceasedBoolean value="true"/><deceasedDateTime value="1970"/>'),
      'invalid-structure',
      'Patient.deceased',
    ],
    ['an attribute that is none', patient('<name text="secret"/>'), 'invalid-structure', 'Patient.name[0]'],
    ['a value of what has none', patient('<name value="secret"/>'), 'invalid-structure', 'Patient.name[0]'],
    ['an attribute of a resource', `<Patient ${ns} id="secret"/>`, 'invalid-structure', 'Patient'],
    [
      'an attribute of another namespace',
      `<Patient ${ns} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="secret"/>`,
      'invalid-structure',
      'Patient',
    ],
    ['an element that holds text', patient('<name><family>secret</family></name>'), 'invalid-structure', 'Patient.name[0].family'],
    ['an element that holds CDATA', patient('<![CDATA[secret]]>'), 'invalid-structure', 'Patient'],
    ['an empty element', patient('<name/>'), 'invalid-structure', 'Patient.name[0]'],
    ['a value that is none', patient('<gender/>'), 'invalid-structure', 'Patient.gender'],
    ['an empty attribute', patient('<gender value=""/>'), 'invalid-value', 'Patient.gender'],
    ['no boolean', patient('<active value="secret"/>'), 'invalid-value', 'Patient.active'],
    ['no number', patient('<multipleBirthInteger value="0x10"/>'), 'invalid-value', 'Patient.multipleBirth'],
    [
      'a number of too many digits',
      patient(`<multipleBirthInteger value="${'1'.repeat(1001)}"/>`),
      'invalid-value',
      'Patient.multipleBirth',
    ],
    ['no namespace', '<Patient><id value="secret"/></Patient>', 'invalid-structure', undefined],
    ['another namespace', patient('<id xmlns="urn:secret" value="a"/>'), 'invalid-structure', 'Patient'],
    ['XInclude', patient('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///secret"/>'), 'invalid-structure', 'Patient'],
    ['no resource', `<Secret ${ns}/>`, 'invalid-structure', undefined],
    ['a data type', `<HumanName ${ns}/>`, 'invalid-structure', undefined],
    [
      'two resources in one place',
      patient('<contained><Basic><id value="a"/></Basic><Basic><id value="b"/></Basic></contained>'),
      'invalid-structure',
      'Patient.contained[0]',
    ],
    ['no resource in its place', patient('<contained/>'), 'invalid-structure', 'Patient.contained[0]'],
    [
      'a resource inside, at its place',
      `<Bundle ${ns}><entry><fullUrl value="urn:a"/></entry><entry><resource><Patient><name><secret_1/></name></Patient></resource></entry></Bundle>`,
      'invalid-structure',
      'Bundle.entry[1].resource.name[0]',
    ],
    [
      'a narrative outside its namespace',
      patient('<text><status value="generated"/><div>secret</div></text>'),
      'invalid-structure',
      'Patient.text.div',
    ],
    [
      'a narrative with a prefix',
      `<Patient ${ns} xmlns:h="http://www.w3.org/1999/xhtml"><text><h:div>secret</h:div></text></Patient>`,
      'invalid-structure',
      'Patient.text.div',
    ],
    ['not well-formed', patient('<name><family value="secret"></name>'), 'invalid-xml', 'Patient.name[0]'],
    ['cut off', `<Patient ${ns}><name><family value="secret`, 'invalid-xml', 'Patient.name[0]'],
    ['nothing', '', 'invalid-xml', undefined],
    ['two documents', patient('<id value="a"/>') + patient('<id value="b"/>'), 'invalid-xml', undefined],
    ['an attribute twice', patient('<id value="secret" value="b"/>'), 'invalid-xml', 'Patient'],
    ['an entity that is not one of the five', patient('<id value="&nbsp;"/>'), 'invalid-xml', 'Patient'],
    ['a reference to what is no character', patient('<id value="&#0;"/>'), 'invalid-xml', 'Patient'],
    ['another encoding', `<?xml version="1.0" encoding="ISO-8859-1"?>${patient('<id value="a"/>')}`, 'invalid-xml', undefined],
    ['XML 1.1', `<?xml version="1.1"?>${patient('<id value="a"/>')}`, 'invalid-xml', undefined],
    ['a DOCTYPE', `<!DOCTYPE Patient>${patient('<id value="a"/>')}`, 'invalid-xml', undefined],
    [
      'an external entity',
      `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>${patient('<id value="&x;"/>')}`,
      'invalid-xml',
      undefined,
    ],
  ])('%s', (_name, xml, kind, expression) => {
    const [met, at, text] = refusal(xml);
    expect([met, at]).toEqual([kind, expression]);
    expect(text).not.toMatch(/secret/i);
  });

  test('bytes that are no UTF-8', () => {
    expect(refusal(Buffer.from(`${patient('<id value="ä"/>')}`, 'latin1'))[0]).toBe('invalid-xml');
    expect(refusal(Buffer.from(`\ufeff${patient('<id value="a"/>')}`, 'utf16le'))[0]).toBe('invalid-xml');
  });

  test('an element of the spec’s name is named, so that its sender finds it', () => {
    expect(refusal(patient('<colour value="red"/>'))[2]).toMatch(/Patient has no element colour/);
  });

  test('as deep as its JSON may be, and no deeper', () => {
    const nested = (levels: number) =>
      patient(`${'<extension url="urn:a">'.repeat(levels)}<valueCode value="a"/>${'</extension>'.repeat(levels)}`);
    const depthOf = (xml: string) => {
      let maxDepth = 1;
      while (refusal(xml, { maxDepth })[0] === 'too-deep') maxDepth++;
      return maxDepth;
    };
    for (const xml of [nested(1), nested(7), ...pairs.map(([, document]) => document)]) {
      const maxDepth = depthOf(xml);
      const text = json(read(xml));
      expect(() => parseJson(text, { maxDepth })).not.toThrow();
      expect(() => parseJson(text, { maxDepth: maxDepth - 1 })).toThrow(Problem);
    }
  });
});

describe('bodies made to harm are refused at once', () => {
  test.each<[string, () => string, string]>([
    [
      'a million attributes',
      () => `<Patient ${ns} ${Array.from({ length: 1_000_000 }, (_, i) => `a${i}=""`).join(' ')}/>`,
      'invalid-structure',
    ],
    ['50,000 elements in each other', () => patient('<extension url="a">'.repeat(50_000)), 'too-deep'],
    ['50,000 elements of a narrative in each other', () => patient(`<text><div ${xhtml}>${'<div>'.repeat(50_000)}`), 'too-deep'],
    [
      'entities of entities',
      () =>
        `<!DOCTYPE a [<!ENTITY a "ha">${Array.from({ length: 30 }, (_, i) => `<!ENTITY a${i} "&a${i - 1};&a${i - 1};">`).join('')}]>${patient('<id value="&a29;"/>')}`,
      'invalid-xml',
    ],
    [
      'namespaces upon namespaces',
      () =>
        patient(
          Array.from(
            { length: 20 },
            (_, i) => `<extension url="a" ${Array.from({ length: 90 }, (_, j) => `xmlns:a${i}b${j}="c"`).join(' ')}>`,
          ).join('') + '<extension url="a" xmlns:z="b"><valueCode value="x"/></extension>'.repeat(100_000),
        ),
      'invalid-structure',
    ],
    ['a tag without end', () => `<${'x'.repeat(1_000_000)}`, 'invalid-xml'],
  ])('%s', (_name, make, kind) => {
    const xml = make();
    const started = cpuTime();
    expect(refusal(xml, { maxDepth: 64 })[0]).toBe(kind);
    expect(cpuTime() - started).toBeLessThan(1500);
  });

  test('__proto__ and constructor are no elements', () => {
    expect(refusal(patient('<__proto__ value="a"/>'))[0]).toBe('invalid-structure');
    expect(refusal(patient('<constructor><prototype/></constructor>'))[0]).toBe('invalid-structure');
    expect(refusal(patient('<name constructor="a" __proto__="b"/>'))[0]).toBe('invalid-structure');
    expect(({} as Record<string, unknown>)['value']).toBeUndefined();
  });
});

test('a resource that R4 does not know is not written', () => {
  for (const resource of [
    { resourceType: 'Secret' },
    { resourceType: 'Patient', colour: 'red' },
    { resourceType: 'Patient', name: ['a'] },
    { resourceType: 'Patient', birthDate: { a: 1 } },
    { resourceType: 'Patient', text: { div: '<div' } },
  ]) {
    expect(() => writeXml(resource as unknown as AnyResource)).toThrow(Problem);
  }
});

test('a long body read in turns is the same, wherever a turn ends, and lets others have theirs', async () => {
  const div = `<div ${xhtml}>\r\n𠮷𠮷&lt;<b>x</b>\r\n</div>`;
  for (let shift = 0; shift < 120; shift++) {
    const xml = patient(
      `<!--${'a'.repeat(262_144 - 200 + shift)}--><text><status value="generated"/>${div}</text><name><text value="𠮷&#10;&amp;"/></name>`,
    );
    let turns = 0;
    const other = setImmediate(() => turns++);
    const resource = await readXmlInTurns(Buffer.from(xml));
    clearImmediate(other);
    expect([(resource['text'] as { div: string }).div, json(resource), turns]).toEqual([div, json(read(xml)), 1]);
  }
  await expect(readXmlInTurns(Buffer.from(`${patient(`<!--${'a'.repeat(600_000)}-->`)}<a/>`))).rejects.toThrow(Problem);
});
