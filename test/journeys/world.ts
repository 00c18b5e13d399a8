/**
 * A whole server over real HTTP, two generated hospitals beside it, and each kind of client with its own token.
 * @module
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Bundle, OperationOutcome, Patient } from '@medplum/fhirtypes';
import { Client, type FhirResource } from 'fhir-kit-client';
import { today, writeHospitals } from '../../src/commands/generate.ts';
import { type Loaded, load } from '../../src/commands/load.ts';
import { startServer } from '../../src/commands/serve.ts';
import { fetchToken } from '../../src/commands/token.ts';
import { readConfig } from '../../src/config.ts';
import { freshStore } from '../store.ts';

export interface World {
  readonly baseUrl: string;
  /** The server's data directory. */
  readonly data: string;
  /** Generated files. */
  readonly files: string;
  /** A client of the sandbox with a fresh token; `patient` is `Patient/<id>` for the patient app. */
  as(client: string, patient?: string): Promise<Client>;
  /** Loads some of the generated paths. */
  load(client: string, ...paths: string[]): Promise<Loaded>;
  close(): Promise<void>;
}

/** @param flags of `noren serve` besides port and data */
export async function openWorld(patients: number, seed = 'journey', flags: readonly string[] = []): Promise<World> {
  const root = mkdtempSync(path.join(tmpdir(), 'noren-journey-'));
  const [data, files] = [path.join(root, 'server'), path.join(root, 'hospitals')];
  const store = freshStore();
  writeHospitals({ patients, seed, day: today() }, files);
  const running = await startServer(readConfig(['--port', '0', '--data', data, ...store.flags, ...flags]), { log: () => {} });
  return {
    baseUrl: running.baseUrl,
    data,
    files,
    async as(client, patient) {
      const { token } = await fetchToken({ client, patient, data, url: running.baseUrl });
      return new Client({ baseUrl: running.baseUrl, bearerToken: token });
    },
    load: (client, ...paths) => load({ paths: paths.map(p => path.join(files, p)), client, url: running.baseUrl, data }),
    async close() {
      await running.close();
      await store.remove();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Both hospitals' notices and bundles, all taken. */
export async function loadAll(world: World): Promise<void> {
  for (const hospital of ['hospital-1', 'hospital-2']) {
    const { rejected } = await world.load(hospital, `notices/${hospital}.ndjson`, hospital);
    if (rejected.length > 0) throw new Error(`rejected: ${rejected[0]!.name}: ${rejected[0]!.reason}`);
  }
}

/** The bundles of a folder of the generated files. */
export const bundlesIn = (world: World, folder: string): Bundle[] =>
  readdirSync(path.join(world.files, folder))
    .sort()
    .map(file => JSON.parse(readFileSync(path.join(world.files, folder, file), 'utf8')) as Bundle);

export const patientOf = (bundle: Bundle): Patient =>
  bundle.entry!.map(e => e.resource).find((r): r is Patient => r?.resourceType === 'Patient')!;

/** As the client library wants it. */
export const body = (resource: object): FhirResource => resource as FhirResource;

/** Status and OperationOutcome of a request that is refused; fails when it is not. */
export async function refusal(request: Promise<unknown>): Promise<{ status: number; outcome: OperationOutcome }> {
  const answer = await request.then(
    () => undefined,
    (error: { response?: { status: number; data: OperationOutcome } }) => error.response,
  );
  if (answer === undefined) throw new Error('The request was not refused.');
  return { status: answer.status, outcome: answer.data };
}

/** What the server says of a search's number of matches. */
export const total = async (client: Client, resourceType: string, searchParams: Record<string, string> = {}): Promise<number> =>
  ((await client.search({ resourceType, searchParams: { ...searchParams, _summary: 'count' } })) as unknown as Bundle).total!;

/** A patient's objection. */
export const objection = (patient: object) => ({
  resourceType: 'Consent',
  status: 'active',
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'research' }] },
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  patient,
  dateTime: new Date().toISOString(),
  policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTOUT' }] },
  provision: { type: 'deny' },
});
