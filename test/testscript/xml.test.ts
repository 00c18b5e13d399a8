// https://hl7.org/fhir/R4/xml.html, https://hl7.org/fhir/R4/testscript.html: scripts, fixtures, requests and answers in XML
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test as it } from '@jest/globals';
import { readXml } from '../../src/fhir/xml/read-xml.ts';
import { writeXml } from '../../src/fhir/xml/write-xml.ts';
import { extensionUrls } from '../../src/testscript/extensions.ts';
import { scriptsOf } from '../../src/testscript/source.ts';
import { runSuite } from '../../src/testscript/suite.ts';
import { check, fixture, type Lab, op, openLab, patient, ref, run, test, words } from './lab.ts';

let lab: Lab;
let root: string;
beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'testscript-'));
  lab = await openLab();
});
beforeEach(() => {
  // A server that speaks XML: it gives back what it gets, with an id.
  lab.odd = ({ method, body, headers, url }, response) => {
    const resource = method === 'POST' && String(headers['content-type']).includes('xml') ? readXml(Buffer.from(body)) : patient;
    response.writeHead(method === 'POST' ? 201 : 200, {
      'content-type': 'application/fhir+xml; charset=utf-8',
      location: `${lab.base}/Patient/x1`,
    });
    response.end(writeXml({ ...resource, id: url === 'Patient' ? 'x1' : 'x2' }));
    return true;
  };
});
afterAll(async () => {
  rmSync(root, { recursive: true });
  await lab.close();
});

const scriptWith = (inside: string): string => `<TestScript xmlns="http://hl7.org/fhir">
  <url value="http://example.org/TestScript/x"/><name value="In XML"/><status value="active"/>
  ${inside}
</TestScript>`;

it('TestScript in XML: its elements, a fixture in an XML file, XPath and FHIRPath over answers in XML', async () => {
  writeFileSync(
    path.join(root, 'p.xml'),
    '<Patient xmlns="http://hl7.org/fhir"><active value="true"/><name><family value="Xml"/></name></Patient>',
  );
  const text = scriptWith(
    `<fixture id="p"><autocreate value="false"/><autodelete value="false"/><resource><reference value="p.xml"/></resource></fixture>
     <variable><name value="made"/><path value="fhir:Patient/fhir:id/@value"/><sourceId value="r"/></variable>
     <test><name value="t"/>
       <action><operation><type><code value="create"/></type><accept value="xml"/><contentType value="xml"/><encodeRequestUrl value="true"/><responseId value="r"/><sourceId value="p"/></operation></action>
       <action><assert><response value="created"/><warningOnly value="false"/></assert></action>
       <action><assert><contentType value="xml"/><warningOnly value="false"/></assert></action>
       <action><assert><minimumId value="p"/><warningOnly value="false"/></assert></action>
       <action><assert><operator value="equals"/><path value="/Patient/name/family/@value"/><value value="Xml"/><warningOnly value="false"/></assert></action>
       <action><assert><expression value="Patient.name.family = 'Xml'"/><warningOnly value="false"/></assert></action>
       <action><operation><type><code value="read"/></type><resource value="Patient"/><encodeRequestUrl value="true"/><params value="/${ref('made')}"/></operation></action>
     </test>`,
  );
  writeFileSync(path.join(root, 's.xml'), text);
  const { results } = await runSuite(scriptsOf(path.join(root, 's.xml'), true), { base: new URL(lab.base), urls: extensionUrls() });
  expect(results[0]!.fault).toBeUndefined();
  expect(results[0]).toMatchObject({ name: 'In XML', url: 'http://example.org/TestScript/x' });
  expect(words(results[0]!)).toBe('pass pass pass pass pass pass pass');
  expect(lab.asked.at(-1)!.url).toBe('Patient/x1');
  const created = lab.asked.find(a => a.method === 'POST')!;
  expect(created.headers).toMatchObject({ accept: 'application/fhir+xml', 'content-type': 'application/fhir+xml' });
  expect(readXml(Buffer.from(created.body))).toMatchObject({ name: [{ family: 'Xml' }], meta: { security: [{ code: 'HTEST' }] } });
});

it('format xml: sent and asked for where the script names none', async () => {
  const result = await run(
    lab,
    { fixture: [fixture('p', patient)], test: [test(op({ type: { code: 'create' }, sourceId: 'p' }), check({ contentType: 'xml' }))] },
    { format: 'xml' },
  );
  expect(words(result)).toBe('pass pass');
  expect(lab.asked[0]!.headers).toMatchObject({ accept: 'application/fhir+xml', 'content-type': 'application/fhir+xml' });
});

it('what is no resource cannot be sent as XML, and a file that is no FHIR XML is a fault', async () => {
  const list = await run(lab, {
    fixture: [fixture('p', { resourceType: 'Nonsense', a: 1 })],
    test: [test(op({ type: { code: 'create' }, sourceId: 'p', contentType: 'xml' }))],
  });
  expect([list.tests[0]!.result, lab.asked.length]).toEqual(['error', 0]);
  // XML has a place for a part of it only.
  const lossy = { ...patient, name: 'John' };
  const part = await run(lab, {
    fixture: [fixture('p', lossy)],
    test: [test(op({ type: { code: 'create' }, sourceId: 'p', contentType: 'xml' }))],
  });
  expect([part.tests[0]!.reason, lab.asked.length]).toEqual(['What the body holds cannot be written as XML.', 0]);
  writeFileSync(
    path.join(root, 'bad.xml'),
    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><TestScript xmlns="http://hl7.org/fhir"><name value="&x;"/></TestScript>',
  );
  expect(scriptsOf(path.join(root, 'bad.xml'), true)).toMatchObject([{ fault: expect.stringContaining('cannot be read') }]);
});
