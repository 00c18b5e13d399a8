/**
 * `noren token`: fetches an access token from the running server as a client would (private_key_jwt) and prints the token alone.
 * SMART: https://hl7.org/fhir/smart-app-launch/backend-services.html#step-3-access-token
 * @module
 */
import { parseArgs } from 'node:util';
import { assertion, assertionType } from '../auth/assertion.ts';
import { readJson } from '../auth/files.ts';
import type { Jwk } from '../auth/keys.ts';
import { clientKeyFile, isClientId } from '../auth/layout.ts';
import { baseUrlOf, settings } from '../config.ts';
import { type Command, Refusal, settingsHelp } from './command.ts';

export interface TokenRequest {
  readonly client: string;
  /** Absent: what the client is registered for. */
  readonly scope?: string | undefined;
  /** `Patient/<id>`, for a patient app in a sandbox. */
  readonly patient?: string | undefined;
  /** Where the client's private key lies: `<data>/clients/<client>.key.json`. */
  readonly data: string;
  /** Base URL of the server. */
  readonly url: string;
  readonly now?: () => number;
}

/** @returns the token and when it ends, in milliseconds. @throws Refusal with one sentence */
export async function fetchToken({
  client,
  scope,
  patient,
  data,
  url,
  now = Date.now,
}: TokenRequest): Promise<{ token: string; expiresAt: number }> {
  const base = url.replace(/(?<!\/)\/+$/, '');
  const key = privateKey(client, data);
  const discovery = await ask(`${base}/.well-known/smart-configuration`);
  const endpoint = discovery.body['token_endpoint'];
  if (discovery.status !== 200 || typeof endpoint !== 'string' || !URL.canParse(endpoint)) {
    throw new Refusal(`${base}/.well-known/smart-configuration names no token endpoint; is this the base URL of a FHIR server?`);
  }
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: assertionType,
    client_assertion: assertion(client, endpoint, key, now),
  });
  if (scope !== undefined) form.set('scope', scope);
  if (patient !== undefined) form.set('patient', patient);
  const asked = now();
  const { status, body } = await ask(endpoint, form);
  const { access_token: token, expires_in: seconds, error, error_description: why } = body;
  if (status !== 200 || typeof token !== 'string' || typeof seconds !== 'number') {
    const said = typeof error === 'string' ? error + (typeof why === 'string' ? ` (${why})` : '') : `status ${status}`;
    throw new Refusal(`The server gives client ${client} no token: ${said}.`);
  }
  return { token, expiresAt: asked + seconds * 1000 };
}

function privateKey(client: string, data: string): Jwk {
  if (!isClientId(client)) throw new Refusal('--client must be the id of a client, such as hospital-1.');
  const file = clientKeyFile(data, client);
  let key: Jwk | undefined;
  try {
    key = readJson(file) as Jwk | undefined;
  } catch {
    throw new Refusal(`The key in ${file} cannot be read.`);
  }
  if (key === undefined)
    throw new Refusal(
      `There is no key of client ${client} in ${data}; --data names the directory of the server, and its first start makes the keys.`,
    );
  return key;
}

async function ask(url: string, form?: URLSearchParams): Promise<{ status: number; body: { [name: string]: unknown } }> {
  let response: Response;
  try {
    response = await fetch(url, {
      ...(form === undefined ? {} : { method: 'POST', body: form }),
      headers: { accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(30_000),
    });
  } catch (error) {
    if ((error as Error).name === 'TimeoutError') throw new Refusal(`${url} does not answer within 30 seconds.`);
    throw new Refusal(`No server answers at ${url}; "noren serve" starts one.`);
  }
  const body: unknown = await response.json().catch(() => undefined);
  return { status: response.status, body: typeof body === 'object' && body !== null ? (body as { [name: string]: unknown }) : {} };
}

const usage = `Usage: noren token --client ID [flags]

Fetches an access token from the running server, as that client would, and prints the token alone.

  --client ID           client of the registry: tester, hospital-1, researcher-1, operator, patient-app …
  --scope "SCOPES"      SMART scopes separated by a space; default: those the client is registered for
  --patient Patient/ID  the patient that patient-app acts for (sandbox only)
  --url BASE            base URL of the server; default: BASE_URL, or made from HOST and PORT
${settingsHelp(['data'])}

Exit code 0: the token is on stdout. 1: none, and one sentence on stderr says why.`;

function flags(args: string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({ args, options: { client: text, scope: text, patient: text, data: text, url: text } }).values;
  } catch (error) {
    throw new Refusal(`${(error as Error).message.split('. ')[0]!.replace(/\.$/, '')}; --help lists the flags.`);
  }
}

export const command: Command = {
  name: 'token',
  summary: 'fetch an access token from a running server',
  usage,
  async run(
    args,
    environment: Readonly<Record<string, string | undefined>> = process.env,
    out: (text: string) => void = text => process.stdout.write(text),
  ) {
    const { client, scope, patient, data, url } = flags(args);
    if (client === undefined) throw new Refusal('--client must be given.');
    if (url !== undefined && !/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
      throw new Refusal('--url must be the base URL of a server, such as http://127.0.0.1:8080/fhir.');
    const given = (name: 'data' | 'host' | 'port' | 'baseUrl') => environment[settings[name].variable] || undefined;
    const { token } = await fetchToken({
      client,
      scope,
      patient,
      data: data ?? settings.data.read(given('data')),
      url:
        url ??
        baseUrlOf({
          baseUrl: settings.baseUrl.read(given('baseUrl')),
          host: settings.host.read(given('host')),
          port: settings.port.read(given('port')),
        }),
    });
    out(token + '\n');
    return 0;
  },
};
