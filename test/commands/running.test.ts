// docs/interaction/async.md, docs/settings.md: what was taken with 202 is done before the server stops
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { startServer } from '../../src/commands/serve.ts';
import { fetchToken } from '../../src/commands/token.ts';
import { readConfig } from '../../src/config.ts';

test('a stop waits for a batch that is answered later: all of it is there at the next start', async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'noren-running-'));
  const data = path.join(root, 'data');
  const start = async () => {
    const running = await startServer(readConfig(['--port', '0', '--data', data]), { log: () => {} });
    const { token } = await fetchToken({ client: 'tester', data, url: running.baseUrl, patient: undefined });
    const ask = (method: string, to: string, body?: object) =>
      fetch(running.baseUrl + to, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/fhir+json',
          ...(body ? { prefer: 'respond-async' } : {}),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    return { close: running.close, ask };
  };
  try {
    const first = await start();
    const entry = { resource: { resourceType: 'Basic', code: { text: 'x' } }, request: { method: 'POST', url: 'Basic' } };
    const taken = await first.ask('POST', '', { resourceType: 'Bundle', type: 'batch', entry: new Array(500).fill(entry) });
    expect(taken.status).toBe(202);
    await first.close();
    const second = await start();
    expect(((await (await second.ask('GET', '/Basic?_summary=count')).json()) as { total: number }).total).toBe(500);
    await second.close();
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
