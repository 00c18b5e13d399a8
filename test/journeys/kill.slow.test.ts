// https://hl7.org/fhir/R4/http.html#transaction: all of it or nothing, and what was acknowledged stays

import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect } from '@jest/globals';
import { fetchToken } from '../../src/commands/token.ts';
import { slowTest } from '../slow.ts';
import { serveApart } from './apart.ts';

const data = mkdtempSync(path.join(os.tmpdir(), 'noren-kill-'));
let child: ChildProcess | undefined;
afterAll(() => {
  child?.kill('SIGKILL');
  rmSync(data, { recursive: true, force: true });
});

const start = async (): Promise<string> => {
  const apart = await serveApart(data);
  child = apart.child;
  return apart.url;
};
const kill = (): Promise<void> =>
  new Promise(resolve => {
    child!.on('exit', () => resolve());
    child!.kill('SIGKILL');
  });

const bundle = () => {
  const subject = `urn:uuid:${randomUUID()}`;
  const add = (resource: object, fullUrl = `urn:uuid:${randomUUID()}`) => ({
    fullUrl,
    resource,
    request: { method: 'POST', url: (resource as { resourceType: string }).resourceType },
  });
  const value = () => add({ resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject: { reference: subject } });
  return { resourceType: 'Bundle', type: 'transaction', entry: [add({ resourceType: 'Patient' }, subject), value(), value()] };
};

slowTest(
  'transaction: fifty kills under load lose nothing acknowledged and leave no half bundle',
  async () => {
    const acknowledged: string[] = [];
    let lost = 0;
    for (let round = 0; round < 50; round++) {
      const base = await start();
      const { token } = await fetchToken({ client: 'tester', data, url: base });
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' };
      const fresh: string[] = [];
      let run = true;
      const clients = Array.from({ length: 6 }, async () => {
        while (run) {
          try {
            const response = await fetch(base, { method: 'POST', headers, body: JSON.stringify(bundle()) });
            const answer = (await response.json()) as { entry: { response: { location: string } }[] };
            if (response.status === 200)
              fresh.push(...answer.entry.map(entry => /[A-Z]\w+\/[\w.-]+/.exec(entry.response.location.replace(base, ''))![0]));
          } catch {
            return;
          }
        }
      });
      await new Promise(resolve => setTimeout(resolve, 60 + ((round * 37) % 200)));
      await kill();
      run = false;
      await Promise.all(clients);
      acknowledged.push(...fresh);

      if (round % 10 === 9) {
        const again = await start();
        const { token: second } = await fetchToken({ client: 'tester', data, url: again });
        const get = (url: string) => fetch(`${again}/${url}`, { headers: { authorization: `Bearer ${second}` } });
        for (const reference of acknowledged.splice(0)) {
          const response = await get(reference);
          await response.arrayBuffer();
          if (response.status !== 200) lost++;
        }
        const total = async (type: string) => ((await (await get(`${type}?_summary=count`)).json()) as { total: number }).total;
        expect(await total('Observation')).toBe(2 * (await total('Patient')));
        expect(await total('Patient')).toBeGreaterThan(0);
        await kill();
      }
    }
    expect(lost).toBe(0);
  },
  600_000,
);
