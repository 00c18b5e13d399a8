// https://hl7.org/fhir/R4/narrative.html#xhtml, rules txt-1 to txt-3: what a browser could run comes in on no path, over a whole server
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openWhole, type Whole } from './whole.ts';

let server: Whole;
beforeAll(async () => {
  server = await openWhole();
  await server.ask('PUT', 'Patient/plain', { body: withText('<p>a</p>') });
});
afterAll(() => server.close());

const div = (inner: string) => `<div xmlns="http://www.w3.org/1999/xhtml">${inner}</div>`;
const coded = { text: 'x' };
const needed: Readonly<Record<string, object>> = {
  Patient: {},
  List: { status: 'current', mode: 'working' },
  Composition: { status: 'final', type: coded, date: '2026-01-01', author: [{ reference: 'Device/x' }], title: 'x' },
};
const withText = (inner: string, resourceType = 'Patient') => ({
  resourceType,
  id: 'plain',
  ...needed[resourceType],
  text: { status: 'generated', div: div(inner) },
});

const hostile = [
  ['a script', '<script>alert(1)</script>'],
  ['an event handler', '<p onclick="alert(1)">a</p>'],
  ['an event handler of an image', '<img src="#a" alt="a" onerror="alert(1)"/>'],
  ['a javascript: link', '<a href="javascript:alert(1)">a</a>'],
  ['a javascript: link in disguise', '<a href="&#x6a;ava&#10;script:alert(1)">a</a>'],
  ['a data: link', '<a href="data:text/html,x">a</a>'],
  ['an external style', '<link rel="stylesheet" href="http://evil.example/x.css"/>'],
  ['a style that imports', '<p style="@import url(http://evil.example/x.css)">a</p>'],
  ['a style that loads', '<p style="background:url(//evil.example/x.png)">a</p>'],
  ['an external image', '<img src="http://evil.example/x.png" alt="a"/>'],
  ['an external image in disguise', '<img src="/&#9;/evil.example/x.png" alt="a"/>'],
  ['an object', '<object data="http://evil.example/x.svg"></object>'],
  ['a frame', '<iframe src="http://evil.example/"></iframe>'],
  ['a form', '<form action="http://evil.example/"><input name="a"/></form>'],
  ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
  ['MathML', '<math><maction actiontype="statusline">a</maction></math>'],
  ['a base', '<base href="http://evil.example/"/>'],
  ['a refresh', '<meta http-equiv="refresh" content="0;url=http://evil.example/"/>'],
] as const;

const xmlOf = (text: string) => `<Patient xmlns="http://hl7.org/fhir"><text><status value="generated"/>${text}</text></Patient>`;
const note = [{ authorReference: { reference: '#c' }, text: 'a' }];

type Way = readonly [method: string, path: string, body: object | string, type?: string];

/** Everywhere a narrative comes in. */
const ways = (inner: string): Readonly<Record<string, Way>> => ({
  create: ['POST', 'Patient', withText(inner)],
  update: ['PUT', 'Patient/other', { ...withText(inner), id: 'other' }],
  'in XML': ['POST', 'Patient', xmlOf(div(inner)), 'application/fhir+xml'],
  contained: ['POST', 'List', { ...withText('a', 'List'), contained: [{ ...withText(inner), id: 'c' }], note }],
  'in a section of a section': [
    'POST',
    'Composition',
    {
      ...withText('a', 'Composition'),
      section: [{ title: 'x', section: [{ title: 'y', text: { status: 'additional', div: div(inner) } }] }],
    },
  ],
  'in a transaction': [
    'POST',
    '',
    { resourceType: 'Bundle', type: 'transaction', entry: [{ resource: withText(inner), request: { method: 'POST', url: 'Patient' } }] },
  ],
  'in a Bundle that is stored': [
    'POST',
    'Bundle',
    {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ fullUrl: 'urn:uuid:5d6c1c1f-8a8c-4a27-9d4e-0c7a3c7f1a11', resource: withText(inner) }],
    },
  ],
  'by JSON Patch': [
    'PATCH',
    'Patient/plain',
    JSON.stringify([{ op: 'replace', path: '/text/div', value: div(inner) }]),
    'application/json-patch+json',
  ],
  'by FHIRPath Patch': [
    'PATCH',
    'Patient/plain',
    {
      resourceType: 'Parameters',
      parameter: [
        {
          name: 'operation',
          part: [
            { name: 'type', valueCode: 'replace' },
            { name: 'path', valueString: 'Patient.text' },
            {
              name: 'value',
              part: [
                { name: 'status', valueCode: 'generated' },
                { name: 'div', valueString: div(inner) },
              ],
            },
          ],
        },
      ],
    },
  ],
  'by XML Patch': [
    'PATCH',
    'Patient/plain',
    `<diff xmlns:f="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml"><replace sel="f:Patient/f:text/h:div">${div(inner)}</replace></diff>`,
    'application/xml-patch+xml',
  ],
});
const go = ([method, path, body, type = 'application/fhir+json']: Way) =>
  server.ask(method, path, { body, headers: { 'content-type': type } });

test.each(Object.keys(ways('')))('%s: a narrative of text comes in, one that a browser could run does not', async way => {
  for (const [what, inner] of hostile) {
    const { status, text } = await go(ways(inner)[way]!);
    expect([what, [400, 422].includes(status), /alert|evil\.example/.test(text)]).toEqual([what, true, false]);
  }
  expect((await server.ask('GET', 'Patient/plain')).text).not.toMatch(/alert|evil\.example/);
  expect((await go(ways('<p>b</p>')[way]!)).status).toBeLessThan(300);
});

test('what is no narrative is data: a script in a name comes back as a text of JSON, or escaped in XML, never as a page', async () => {
  const family = '<script>alert(1)</script>';
  const id = await server.create({
    resourceType: 'Patient',
    name: [{ family }],
    text: { status: 'generated', div: div('&lt;script&gt;') },
  });
  for (const accept of ['text/html', 'application/fhir+json', '*/*']) {
    const { headers } = await server.ask('GET', `Patient/${id}`, { headers: { accept } });
    expect(headers.get('content-type')).toMatch(/^application\/fhir\+json/);
    expect([headers.get('content-security-policy'), headers.get('x-content-type-options')]).toEqual([
      expect.stringContaining("default-src 'none'"),
      'nosniff',
    ]);
  }
  const response = await fetch(`${server.baseUrl}/Patient/${id}`, {
    headers: { accept: 'application/fhir+xml', authorization: `Bearer ${await server.token('tester')}` },
  });
  expect(await response.text()).toContain('&lt;script');
  expect(response.headers.get('content-type')).toMatch(/^application\/fhir\+xml/);
});
