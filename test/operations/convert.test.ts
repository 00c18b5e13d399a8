// docs/operation/convert.md, https://hl7.org/fhir/R4/resource-operation-convert.html
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openWhole, type Whole } from '../http/whole.ts';

let server: Whole;
beforeAll(async () => {
  server = await openWhole();
});
afterAll(() => server.close());

const ns = 'xmlns="http://hl7.org/fhir"';
const div = '<div xmlns="http://www.w3.org/1999/xhtml">\n <p>&#60;a</p><!-- b --></div>';
const xml = `<?xml version="1.0" encoding="UTF-8"?><Observation ${ns}><text><status value="generated"/>${div}</text><status value="final"/><code><text value="x"/></code><valueQuantity><value value="7.20"/></valueQuantity></Observation>`;
const json = `{"resourceType":"Observation","text":{"status":"generated","div":${JSON.stringify(div)}},"status":"final","code":{"text":"x"},"valueQuantity":{"value":7.20}}`;
const types = { json: 'application/fhir+json', xml: 'application/fhir+xml' } as const;

async function convert(body: string, from: keyof typeof types, to: string, client = 'tester') {
  const response = await fetch(`${server.baseUrl}/$convert`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await server.token(client)}`, 'content-type': types[from], accept: to },
    body,
  });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

describe('$convert', () => {
  test.each([
    ['XML to JSON', xml, 'xml', 'json', json],
    ['JSON to XML', json, 'json', 'xml', xml],
    ['JSON to itself', json, 'json', 'json', json],
  ] as const)('%s, to the digit and the byte', async (_name, body, from, to, expected) => {
    expect(await convert(body, from, types[to])).toEqual({ status: 200, type: `${types[to]}; charset=utf-8`, text: expected });
  });

  test('a resource in Parameters.input, and so Parameters themselves', async () => {
    const inside = '{"resourceType":"Parameters","parameter":[{"name":"a","valueDecimal":1.0}]}';
    const { status, text } = await convert(
      `{"resourceType":"Parameters","parameter":[{"name":"input","resource":${inside}}]}`,
      'json',
      types.xml,
    );
    expect([status, text]).toEqual([
      200,
      `<?xml version="1.0" encoding="UTF-8"?><Parameters ${ns}><parameter><name value="a"/><valueDecimal value="1.0"/></parameter></Parameters>`,
    ]);
  });

  test('what breaks a rule is converted; what is no resource is not', async () => {
    expect((await convert('{"resourceType":"Observation"}', 'json', types.xml)).text).toContain(`<Observation ${ns}/>`);
    expect((await convert('{"resourceType":"Patient","colour":"red"}', 'json', types.xml)).status).toBe(400);
    expect((await convert('{"resourceType":"Patient","birthDate":"yesterday"}', 'json', types.xml)).status).toBe(400);
    expect((await convert('{"resourceType":"Patient","text":{"status":"generated","div":"<div"}}', 'json', types.xml)).status).toBe(422);
    expect((await convert(`<Patient ${ns}><colour value="red"/></Patient>`, 'xml', types.json)).status).toBe(400);
    expect((await convert('x', 'json', types.xml)).status).toBe(400);
  });

  test('no body, more than one, another place, another client', async () => {
    expect((await server.ask('POST', '$convert')).status).toBe(400);
    const twice = { name: 'input', resource: { resourceType: 'Basic', code: { text: 'x' } } };
    expect((await server.ask('POST', '$convert', { body: { resourceType: 'Parameters', parameter: [twice, twice] } })).status).toBe(400);
    expect((await server.ask('POST', 'Patient/$convert', { body: twice.resource })).status).toBe(404);
    expect((await server.ask('GET', '$convert')).status).toBe(405);
    expect((await convert(json, 'json', types.xml, 'researcher-1')).status).toBe(403);
    expect((await convert(json, 'json', types.xml, 'hospital-1')).status).toBe(200);
  });

  test('nothing is stored', async () => {
    await convert('{"resourceType":"Patient","id":"converted","active":true}', 'json', types.xml);
    expect((await server.ask('GET', 'Patient/converted')).status).toBe(404);
  });
});
