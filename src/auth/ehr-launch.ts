/**
 * The launch endpoint: an institution's own system prepares the launch of an app, with the patient that is open there.
 * Authenticated as the API is, by the institution's access token.
 * SMART: https://hl7.org/fhir/smart-app-launch/app-launch.html#launch-app-ehr-launch
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Access } from '../fhir/model/access.ts';
import { parseJson } from '../fhir/model/json.ts';
import { answerOf, Problem } from '../fhir/model/outcome.ts';
import { literal } from '../fhir/model/reference.ts';
import { type Clients, isApp } from './clients.ts';
import { type Contexts, type Launch, launchLifeSeconds } from './context.ts';
import { answer } from './endpoint.ts';
import type { Tell } from './interaction.ts';

export interface EhrLaunchParts {
  readonly clients: Clients;
  readonly contexts: Contexts;
  readonly authenticate: (header: string | undefined) => Access | Promise<Access>;
}

const mostBytes = 4096;
const members = ['client_id', 'patient', 'encounter', 'intent', 'need_patient_banner'];

async function bodyOf(request: IncomingMessage): Promise<{ [member: string]: unknown }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > mostBytes) throw new Problem('too-long');
    chunks.push(chunk as Buffer);
  }
  const body = parseJson(Buffer.concat(chunks), { maxDepth: 4 });
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Problem('invalid-structure', 'The body must be a JSON object.');
  return body as { [member: string]: unknown };
}

function launchOf(body: { [member: string]: unknown }, organization: string, clients: Clients): Launch {
  const fail = (member: string, rule: string): never => {
    throw new Problem('invalid-parameter', `${member} ${rule}.`);
  };
  for (const member of Object.keys(body)) if (!members.includes(member)) fail('A member', 'is not known');
  const reference = (member: string, type: string): string | undefined => {
    const value = body[member];
    if (value === undefined) return undefined;
    const found = typeof value === 'string' ? literal(value) : undefined;
    return found?.type === type && value === `${type}/${found.id}` ? value : fail(member, `must be ${type}/<id>`);
  };
  const { client_id, intent, need_patient_banner: banner } = body;
  const client = typeof client_id === 'string' ? clients.find(client_id) : undefined;
  if (client === undefined || !client.active || client.kind !== 'staff-app' || !isApp(client))
    fail('client_id', 'must be an app for staff');
  if (intent !== undefined && !(typeof intent === 'string' && /^[\w:/.-]{1,128}$/.test(intent))) fail('intent', 'must be a code');
  if (banner !== undefined && typeof banner !== 'boolean') fail('need_patient_banner', 'must be true or false');
  const patient = reference('patient', 'Patient');
  const encounter = reference('encounter', 'Encounter');
  if (patient === undefined) fail('patient', 'must be given');
  return {
    clientId: client!.client_id,
    organization,
    patient: patient!,
    ...(encounter === undefined ? {} : { encounter }),
    ...(intent === undefined ? {} : { intent: intent as string }),
    ...(banner === undefined ? {} : { needPatientBanner: banner as boolean }),
  };
}

/** `POST [issuer]/launch` → `{ launch, expires_in }`; refusals are OperationOutcomes. */
export const createEhrLaunch =
  ({ clients, contexts, authenticate }: EhrLaunchParts) =>
  async (request: IncomingMessage, response: ServerResponse, tell: Tell): Promise<void> => {
    try {
      const { agent } = await authenticate(request.headers.authorization);
      tell({ client: agent.client });
      // A person's token is no record system's.
      if (agent.role !== 'institution' || agent.user !== undefined) throw new Problem('forbidden');
      const launch = launchOf(await bodyOf(request), agent.sender, clients);
      tell({ patient: launch.patient! });
      answer(response, 201, { launch: await contexts.prepare(launch), expires_in: launchLifeSeconds });
    } catch (thrown) {
      const { status, headers, outcome } = answerOf(thrown);
      answer(response, status, outcome, headers);
    }
  };
