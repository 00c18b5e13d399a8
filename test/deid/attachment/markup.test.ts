// https://hl7.org/fhir/R4/narrative.html#xhtml; CDA R2
import { expect, test } from '@jest/globals';
import { cleanDocument } from '../../../src/deid/attachment/clinical-document.ts';
import { cleanNarrative } from '../../../src/deid/attachment/narrative.ts';
import { narrativeFault } from '../../../src/fhir/profile/narrative.ts';

const clean = (text: string): string | undefined => (text.includes('?') ? undefined : text.replaceAll(/Yamada ?Taro|山田|Yamada/g, '*'));
const div = (inner: string): string => `<div xmlns="http://www.w3.org/1999/xhtml">${inner}</div>`;

const narratives: readonly (readonly [string, string, string])[] = [
  [
    'blocks stay, attributes go',
    '<p class="Yamada" title="Yamada" id="x">a</p><ul><li>b</li></ul>',
    '<div><p>a</p><ul><li>b</li></ul></div>',
  ],
  [
    'links and pictures go, the link’s text stays',
    '<p><a href="http://yamada.example">see</a><img src="y.png" alt="Yamada"/></p>',
    '<div><p>see</p></div>',
  ],
  ['a name half in markup is found', '<p>Ya<b>ma</b>da was here</p>', '<div><p>* was here</p></div>'],
  [
    'scripts, styles and forms go with their content',
    '<p>a<script>Yamada()</script></p><style>p{}</style><form><p>Yamada</p></form>',
    '<div><p>a</p></div>',
  ],
  ['a power stays one', '<p>10<sup>5</sup>/mL 1.2×10<sup><b>3</b></sup>, 10<sup>-3</sup></p>', '<div><p>10^5/mL 1.2×10^3, 10^-3</p></div>'],
  ['what is lowered makes no other number', '<p>CO<sub>2</sub>50, 3<sub>1</sub>, 5<sup>th</sup></p>', '<div><p>CO2 50, 3_1, 5th</p></div>'],
  ['lines stay lines', '<p>a<br/>b &lt; c</p>', '<div><p>a<br/>b &lt; c</p></div>'],
  ['comments, CDATA and instructions', '<p>a<!-- Yamada --><![CDATA[ & b]]><?Yamada?></p>', '<div><p>a &amp; b</p></div>'],
  ['paragraphs of nobody knows what', '<p>a</p><p xmlns="urn:x">Yamada</p>', '<div><p>a</p></div>'],
  ['elements of other namespaces', '<p>a</p><svg xmlns="http://www.w3.org/2000/svg"><text>Yamada</text></svg>', '<div><p>a</p></div>'],
];

test.each(narratives)('narrative: %s', (_, inner, expected) => {
  const out = cleanNarrative(div(inner), clean)!;
  expect(out).toBe(div(expected));
  expect(narrativeFault(out)).toBeUndefined();
});

test('narrative: a page gives its body, not its head', () => {
  expect(
    cleanNarrative('<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Yamada</title></head><body><h1>a</h1></body></html>', clean),
  ).toBe(div('<h1>a</h1>'));
});

test('narrative: where the whole says more than its cells, it leaves without them', () => {
  const apart = (text: string): string | undefined => text.replaceAll(/Yamada\s+Taro/g, '*');
  expect(cleanNarrative(div('<table><tr><td>Yamada</td><td>Taro</td></tr></table><p>b</p>'), apart)).toBe(div('<p>*<br/>b</p>'));
  expect(cleanNarrative(div('<table><tr><td>a</td><td>b</td></tr></table>'), apart)).toBe(
    div('<div><table><tr><td>a</td><td>b</td></tr></table></div>'),
  );
});

test('narrative: nothing that cannot be cleaned or read leaves', () => {
  for (const text of ['', 'a', div('who?'), '<div', div('<p>'), `<!DOCTYPE a>${div('a')}`, div('')])
    expect(cleanNarrative(text, clean)).toBeUndefined();
});

const cda = `<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet href="Yamada.xsl"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" classCode="DOCCLIN" moodCode="EVN">
  <realmCode code="JP"/>
  <typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
  <templateId root="1.2.392.100495.20.2.1301310001"/>
  <id root="1.2.392.100495.20.3.51.11301234567" extension="QZJ-0001"/>
  <code code="18842-5" codeSystem="2.16.840.1.113883.6.1" displayName="Yamada summary"/>
  <title>Summary of Yamada Taro</title>
  <effectiveTime value="20240225101112+0900"/>
  <confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/>
  <recordTarget><patientRole><id extension="QZJ"/><addr><city>Yamada</city></addr><telecom value="tel:0312345678"/>
    <patient><name><family>Yamada</family></name><birthTime value="19400101"/></patient></patientRole></recordTarget>
  <author><time value="20240225"/><assignedAuthor><assignedPerson><name>Yamada</name></assignedPerson></assignedAuthor></author>
  <component><structuredBody><component><section ID="Yamada">
    <code code="Yamada1" codeSystem="1.2.392.200119.9.9"/>
    <title>Course</title>
    <text mediaType="text/x-hl7-text+xml"><paragraph ID="Yamada">Seen by <content styleCode="Bold">Yama</content>da</paragraph>
      <table border="1"><tbody><tr><td>Hb</td><td>13.5</td></tr></tbody></table><renderMultiMedia referencedObject="Yamada">Yamada</renderMultiMedia></text>
    <entry typeCode="COMP"><observation classCode="OBS" moodCode="EVN">
      <id root="1.2.3" extension="QZJ"/>
      <code code="718-7" codeSystem="2.16.840.1.113883.6.1"><originalText>Yamada</originalText></code>
      <text>who?</text>
      <statusCode code="completed"/>
      <effectiveTime xsi:type="IVL_TS"><low value="20240225"/><high value="19000101"/></effectiveTime>
      <value xsi:type="PQ" value="13.5" unit="g/dL"/>
      <value xsi:type="ST">Yamada</value>
      <value xsi:type="TS" value="2024"/>
      <value xsi:type="INT" value="19400101"/>
      <value xsi:type="INT" value="7654321"/>
      <value xsi:type="PQ" value="765432109" unit="1"/>
      <value xsi:type="IVL_INT"><low value="2000"/></value>
      <performer><assignedEntity><assignedPerson><name>Yamada</name></assignedPerson></assignedEntity></performer>
    </observation></entry>
  </section></component></structuredBody></component>
</ClinicalDocument>`;

test('CDA: header, people, ids, names and numbers go; sections, codes and quantities stay; days move', () => {
  const out = cleanDocument(cda.replace('<text>who?</text>', ''), clean, { shiftDays: 10 })!;
  expect(out).not.toMatch(/yamada|QZJ|0312345678|1940|76543|1301|2024022|POCD|summary"|1900/i);
  for (const stays of [
    '<code codeSystem="2.16.840.1.113883.6.1" code="18842-5">',
    '<title>Summary of *</title>',
    '<effectiveTime value="20240306101112+0900">',
    '<low value="20240306">',
    '<high nullFlavor="MSK">',
    '<paragraph>Seen by *</paragraph>',
    '<td>13.5</td>',
    '<value xsi:type="PQ" value="13.5" unit="g/dL">',
    '<statusCode code="completed">',
    '<low value="2000">',
  ])
    expect(out).toContain(stays);
  expect(cleanDocument(out, clean, undefined)).toBeDefined();
});

test('CDA: without a person there are no days', () => {
  const out = cleanDocument(cda.replace('<text>who?</text>', ''), clean, undefined)!;
  expect(out).not.toMatch(/2024/);
});

test('CDA: a text that cannot be cleaned, or another document inside, and nothing leaves', () => {
  expect(cleanDocument(cda, clean, { shiftDays: 10 })).toBeUndefined();
  expect(
    cleanDocument(cda.replace(/<structuredBody>[\s\S]*<\/structuredBody>/, '<nonXMLBody><text>x</text></nonXMLBody>'), clean, undefined),
  ).toBeUndefined();
  expect(cleanDocument(cda.replaceAll('urn:hl7-org:v3', 'urn:other'), clean, undefined)).toBeUndefined();
});

test('CDA: a word in the place of a unit goes, and the number that only a unit makes a quantity', () => {
  const values = (unit: string): string =>
    cleanDocument(
      `<ClinicalDocument xmlns="urn:hl7-org:v3"><component><value value="1234567" unit="${unit}"/></component></ClinicalDocument>`,
      clean,
      undefined,
    )!;
  expect(values('Sato')).toContain('<value nullFlavor="MSK">');
  expect(values('10*3/uL')).toContain('<value value="1234567" unit="10*3/uL">');
});
