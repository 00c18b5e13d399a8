// https://hl7.org/fhir/R4/http.html#Status-Codes; Retry-After: https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import type { Post } from '../../src/commands/posts.ts';
import { reasonOf, submit } from '../../src/commands/submit.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

/** A server that answers so, one after the other, and remembers what it was sent. */
async function answering(...answers: ((request: IncomingMessage, response: ServerResponse) => void)[]) {
  const seen: { authorization: string | undefined; prefer: unknown; url: string | undefined; body: string }[] = [];
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    seen.push({ authorization: request.headers.authorization, prefer: request.headers['prefer'], url: request.url, body });
    answers[Math.min(seen.length, answers.length) - 1]!(request, response);
  });
  await new Promise<void>(done => server!.listen(0, '127.0.0.1', done));
  return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir` };
}

const status =
  (code: number, body: object = {}, headers: Record<string, string> = {}) =>
  (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(code, { 'content-type': 'application/fhir+json', ...headers }).end(JSON.stringify(body));
  };
const post: Post = {
  method: 'POST',
  path: '',
  headers: {},
  body: '{"resourceType":"Bundle"}',
  pieces: [{ name: 'a.json', hash: '' }],
  batch: false,
};
const outcome = {
  resourceType: 'OperationOutcome',
  issue: [{ code: 'business-rule', details: { text: 'No notice is on record.' }, expression: ['Bundle.entry[2]'] }],
};

function waits() {
  const ms: number[] = [];
  return { ms, pause: async (wait: number) => void ms.push(wait) };
}

test('submit: what is taken gives the answer, with the token and return=minimal', async () => {
  const { seen, url } = await answering(status(200, { resourceType: 'Bundle', entry: [{}] }));
  expect(await submit(post, url, async () => 'T')).toEqual({ taken: { resourceType: 'Bundle', entry: [{}] } });
  expect(seen).toEqual([{ authorization: 'Bearer T', prefer: 'return=minimal', url: '/fhir', body: '{"resourceType":"Bundle"}' }]);
});

test('submit: 503 is asked again after what Retry-After says', async () => {
  const { seen, url } = await answering(status(503, {}, { 'retry-after': '2' }), status(503), status(201));
  const { ms, pause } = waits();
  expect(await submit(post, url, async () => 'T', pause)).toEqual({ taken: {} });
  expect([seen.length, ...ms]).toEqual([3, 2000, 400]);
});

test('submit: a server that stays busy is given up with its status', async () => {
  const { seen, url } = await answering(status(503, outcome));
  const { ms, pause } = waits();
  expect(await submit(post, url, async () => 'T', pause)).toEqual({ refused: '503 No notice is on record. (Bundle.entry[2])' });
  expect([seen.length, ms.length]).toEqual([9, 8]);
});

test('submit: 401 asks for one new token, not for more', async () => {
  const tokens: boolean[] = [];
  const { seen, url } = await answering(status(401, outcome));
  await submit(post, url, async (fresh = false) => {
    tokens.push(fresh);
    return fresh || tokens.includes(true) ? 'new' : 'old';
  });
  expect(tokens.filter(Boolean)).toHaveLength(1);
  expect(seen.map(s => s.authorization)).toEqual(['Bearer old', 'Bearer new']);
});

test('submit: a refusal is not repeated', async () => {
  const { seen, url } = await answering(status(422, outcome));
  expect(await submit(post, url, async () => 'T')).toEqual({ refused: '422 No notice is on record. (Bundle.entry[2])' });
  expect(seen).toHaveLength(1);
});

test('submit: a connection that breaks is not repeated: nobody knows how far it got', async () => {
  const { seen, url } = await answering(request => request.socket.destroy());
  expect(await submit(post, url, async () => 'T')).toEqual({ refused: expect.stringContaining('may have been taken') });
  expect(seen).toHaveLength(1);
});

test('submit: where no server answers it is tried a little, then said', async () => {
  const { url } = await answering(status(200));
  server!.close();
  await new Promise(done => server!.once('close', done));
  const { ms, pause } = waits();
  expect(await submit(post, url, async () => 'T', pause)).toEqual({ refused: 'no server answers' });
  expect(ms).toEqual([500, 500]);
});

test('reason: three sentences are told, each once, the rest counted', () => {
  const issue = (text: string) => ({ details: { text } });
  expect(reasonOf(422, { issue: ['a.', 'b.', 'c.', 'd.', 'e.'].map(issue) })).toBe('422 a. b. c. … and 2 more');
  const same = { details: { text: 'No notice.' } };
  expect(
    reasonOf(422, {
      issue: [
        { ...same, expression: ['Bundle.entry[2]'] },
        { ...same, expression: ['Bundle.entry[4]'] },
      ],
    }),
  ).toBe('422 No notice. (Bundle.entry[2] and 1 more)');
  expect(reasonOf(500, undefined)).toBe('500');
});
