// https://hl7.org/fhir/R4/examples.html, https://hl7.org/fhir/R4/http.html#update, https://hl7.org/fhir/R4/http.html#read: HL7's examples, stored and read over HTTP in JSON and in XML
import { Agent, request } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fetchToken } from '../../src/commands/token.ts';
import { parseJson } from '../../src/fhir/model/json.ts';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import { readXml } from '../../src/fhir/xml/read-xml.ts';
import { writeXml } from '../../src/fhir/xml/write-xml.ts';
import { hl7Examples, slow, unfit } from '../fhir/profile/shared.ts';
import { textOf } from '../fhir/xml/same.ts';
import { openWorld, type World } from './world.ts';

type Format = 'json' | 'xml';

let world: World;
const examples = new Map<Format, readonly [string, string][]>();
/** A token lives five minutes, the test perhaps longer. */
let token: { readonly value: string; readonly until: number } | undefined;
const agent = new Agent({ keepAlive: true });

async function ask(method: string, path: string, format: Format, body?: Buffer): Promise<{ status: number; body: Buffer }> {
  if (token === undefined || token.until < Date.now()) {
    const { token: value } = await fetchToken({ client: 'tester', patient: undefined, data: world.data, url: world.baseUrl });
    token = { value, until: Date.now() + 60_000 };
  }
  const type = `application/fhir+${format}`;
  return new Promise((resolve, reject) => {
    const asked = request(
      `${world.baseUrl}/${path}`,
      {
        method,
        agent,
        headers: {
          authorization: `Bearer ${token!.value}`,
          accept: type,
          ...(body === undefined ? {} : { 'content-type': type, 'content-length': body.length }),
        },
      },
      response => {
        const chunks: Buffer[] = [];
        response
          .on('data', (chunk: Buffer) => chunks.push(chunk))
          .on('end', () => resolve({ status: response.statusCode!, body: Buffer.concat(chunks) }))
          .on('error', reject);
      },
    );
    asked.on('error', reject).end(body);
  });
}

const parsed = (body: Buffer, format: Format): AnyResource =>
  format === 'xml' ? readXml(body, { maxDepth: 64 }) : (parseJson(body, { maxDepth: 200 }) as AnyResource);

/** Without what the server says of a version. */
function unversioned({ meta, ...rest }: AnyResource): AnyResource {
  const { versionId: _, lastUpdated: __, ...kept } = meta ?? {};
  return { ...rest, ...(Object.keys(kept).length === 0 ? {} : { meta: kept }) } as AnyResource;
}

/** Types without an endpoint go through `$convert`, which stores nothing. */
const hasEndpoint = (resource: AnyResource): boolean => resource.resourceType !== 'Parameters';

/** Why it is not stored in this format and read back equal in both; undefined: it is. */
async function trouble(resource: AnyResource, sent: Buffer, format: Format): Promise<string | undefined> {
  const wanted = textOf(unversioned(resource));
  if (!hasEndpoint(resource)) {
    for (const answer of ['json', 'xml'] as const) {
      const wrapped = { resourceType: 'Parameters', parameter: [{ name: 'input', resource }] } as AnyResource;
      const { status, body } = await ask(
        'POST',
        `$convert`,
        answer,
        answer === 'xml' ? writeXml(wrapped) : Buffer.from(JSON.stringify(wrapped)),
      );
      if (status !== 200 || textOf(unversioned(parsed(body, answer))) !== wanted) return `converted: ${status}`;
    }
    return undefined;
  }
  const place = `${resource.resourceType}/${resource.id}`;
  const stored = await ask('PUT', place, format, sent);
  if (stored.status !== 200 && stored.status !== 201) return `${stored.status} ${stored.body.toString().slice(0, 400)}`;
  for (const answer of ['json', 'xml'] as const) {
    const { status, body } = await ask('GET', place, answer);
    if (status !== 200) return `read in ${answer}: ${status}`;
    if (textOf(unversioned(parsed(body, answer))) !== wanted) return `read in ${answer}: another resource`;
  }
  return undefined;
}

/** Examples that a server rightly does not take: file → why. */
const refused: readonly (readonly [RegExp, string])[] = unfit.map(([file, , why]) => [file, why]);

slow('HL7’s examples over HTTP', () => {
  beforeAll(async () => {
    // First of all: unpacking them would let idle connections run out.
    for (const folder of ['json', 'xml'] as const)
      examples.set(
        folder,
        hl7Examples(folder, () => true),
      );
    world = await openWorld(1);
    // The securityContext of an example, which is not among them: without it nobody may know of the Binary.
    const guard = {
      resourceType: 'DocumentReference',
      id: 'example',
      status: 'current',
      content: [{ attachment: { contentType: 'text/plain' } }],
    };
    expect((await ask('PUT', 'DocumentReference/example', 'json', Buffer.from(JSON.stringify(guard)))).status).toBe(201);
  }, 60_000);
  afterAll(async () => {
    agent.destroy();
    await world.close();
  });

  test.each(['json', 'xml'] as const)(
    'every example loads as %s and reads back equal in both formats, but for those with a reason',
    async folder => {
      const troubles: string[] = [];
      const needless = new Set(refused.map(([file]) => file));
      let count = 0;
      for (const [file, text] of examples.get(folder)!) {
        const sent = Buffer.from(text);
        const resource = parsed(sent, folder);
        const other = folder === 'json' ? 'xml' : 'json';
        count++;
        const reason = refused.find(([name]) => name.test(file));
        const found =
          (await trouble(resource, sent, folder)) ??
          (await trouble(resource, other === 'xml' ? writeXml(resource) : Buffer.from(JSON.stringify(resource)), other));
        if (found !== undefined && reason === undefined) troubles.push(`${file}: ${found}`);
        if (found !== undefined && reason !== undefined) needless.delete(reason[0]);
      }
      console.log(`${count} examples as ${folder}`);
      expect(count).toBeGreaterThan(600);
      expect(troubles).toEqual([]);
      if (folder === 'json') expect([...needless]).toEqual([]);
    },
    1_800_000,
  );
});
