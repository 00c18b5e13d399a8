/**
 * The registered clients: who may ask for tokens, with which public keys, as what. A client that is switched off is known and gets nothing.
 * Held in one JSON file; this process is its only writer. Where several processes are one server, who is switched off stands in the store (switches.ts).
 * SMART: https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html#registering-a-client-communicating-public-keys
 * @module
 */

import { hospitalNumberPrefix } from '../fhir/model/person.ts';
import { isId } from '../fhir/model/r4.ts';
import { makeDirectory, readJson, writeOwnerOnly } from './files.ts';
import { isKeySetUrl } from './jwks.ts';
import { createKey, type Jwk, publicKeyOf, publicPart } from './keys.ts';
import { withoutWords, words } from './launch-scopes.ts';
import { clientKeyFile, clientsFile, isClientId } from './layout.ts';
import { parseScopes } from './scopes.ts';

export const kinds = ['tester', 'institution', 'researcher', 'operator', 'patient-app', 'staff-app'] as const;
export type ClientKind = (typeof kinds)[number];
export type Mode = 'sandbox' | 'production';

/** One row of the registry, as it stands in the file. */
export interface Client {
  readonly client_id: string;
  readonly kind: ClientKind;
  readonly active: boolean;
  /** Public keys, each with a `kid`; none: a public client, which has nothing but PKCE. */
  readonly jwks: { readonly keys: readonly Jwk[] };
  /** Where the client keeps its keys instead: `jwks` is empty then. */
  readonly jwks_uri?: string;
  /** Its tokens come from the other issuer that the settings name; it may have no key here. */
  readonly external?: boolean;
  /** Scopes it is pre-authorised for, and gets when it asks for none. */
  readonly scope: string;
  /** institution: `Organization/<id>`, what it sends is recorded as sent by it. */
  readonly organization?: string;
  /** institution: 10-digit code of the medical institution. */
  readonly institutionCode?: string;
  /** institution: system of its own patient numbers. */
  readonly patientNumberSystem?: string;
  /** researcher: ids of the ResearchStudies it is bound to. */
  readonly studies?: readonly string[];
  /** Apps that people sign in to: where the answer may go, to the letter. `{origin}` stands for the origin of this server. */
  readonly redirect_uris?: readonly string[];
  /** What people read when they are asked for their leave. */
  readonly client_name?: string;
  readonly 'client_name#ja'?: string;
}

export interface Clients {
  /** Active or not; undefined: never registered. */
  find(clientId: string): Client | undefined;
  all(): readonly Client[];
  /** For good when it resolves; tokens of a client that is switched off die with it. False: there is no such client. */
  setActive(clientId: string, active: boolean): Promise<boolean>;
  /** Meets what other processes have switched; to be called before anything hangs on a client being switched on. */
  fresh(): Promise<void> | undefined;
}

const ofKind: Readonly<Record<ClientKind, string>> = {
  tester: 'system/*.cruds',
  institution: 'system/*.cruds',
  researcher: 'system/*.rs',
  operator: 'system/*.cruds',
  'patient-app': 'patient/*.cruds',
  'staff-app': 'user/*.cruds patient/*.rs',
};

/** The scopes a kind is pre-authorised for, unless its registration says less. */
export const defaultScope = (kind: ClientKind): string => ofKind[kind];

/** Kinds that a person signs in to. */
export const isApp = ({ kind, redirect_uris }: Pick<Client, 'kind' | 'redirect_uris'>): boolean =>
  (kind === 'patient-app' || kind === 'staff-app') && (redirect_uris?.length ?? 0) > 0;

/** Where the answer to an authorization request may go, as the client must name it. */
export const redirectUrisOf = ({ redirect_uris = [] }: Pick<Client, 'redirect_uris'>, origin: string): string[] =>
  redirect_uris.map(uri => uri.replace('{origin}', origin));

/** Origins of the pages that apps run in. */
export const originsOf = (clients: Clients, baseUrl: string): ReadonlySet<string> =>
  new Set(
    clients
      .all()
      .filter(client => client.active && isApp(client))
      .flatMap(client => redirectUrisOf(client, new URL(baseUrl).origin))
      .filter(uri => /^https?:/.test(uri))
      .map(uri => new URL(uri).origin),
  );

/** The registry in a file. @throws Error with one sentence that names the client and the member, never its value */
export function openClients(file: string, mode: Mode): Clients {
  const json = readJson(file);
  if (json === undefined) throw new Error(`The clients file ${file} is not there.`);
  const list = (json as { clients?: unknown }).clients;
  if (!Array.isArray(list)) throw new Error(`${file} must hold a list "clients".`);
  const clients = new Map<string, Client>();
  for (const [i, one] of list.entries()) {
    const client = checked(one, `${file}: clients[${i}]`, mode);
    if (clients.has(client.client_id)) throw new Error(`${file}: clients[${i}].client_id is there twice.`);
    clients.set(client.client_id, client);
  }
  return {
    find: clientId => clients.get(clientId),
    all: () => [...clients.values()],
    async setActive(clientId, active) {
      const client = clients.get(clientId);
      if (client === undefined) return false;
      clients.set(clientId, { ...client, active });
      writeOwnerOnly(file, { clients: [...clients.values()] });
      return true;
    },
    fresh: () => undefined,
  };
}

function checked(json: unknown, place: string, mode: Mode): Client {
  const fail = (member: string, rule: string): never => {
    throw new Error(`${place}.${member} ${rule}.`);
  };
  const it = (typeof json === 'object' && json !== null ? json : {}) as { [member: string]: unknown };
  const known =
    'client_id kind active jwks jwks_uri external scope organization institutionCode patientNumberSystem studies redirect_uris client_name client_name#ja'.split(
      ' ',
    );
  const stranger = Object.keys(it).find(member => !known.includes(member));
  if (stranger !== undefined) fail(stranger, 'is no member of a client');
  const kind = kinds.find(k => k === it['kind']) ?? fail('kind', `must be one of ${kinds.join(', ')}`);
  if (typeof it['client_id'] !== 'string' || !isClientId(it['client_id']))
    fail('client_id', 'must be up to 64 letters, digits, dots, hyphens and underscores');
  if (kind === 'tester' && mode === 'production') fail('kind', 'must not be tester in production');
  if (typeof it['active'] !== 'boolean') fail('active', 'must be true or false');
  const scope = it['scope'] ?? (it['redirect_uris'] === undefined ? '' : `${words.join(' ')} `) + defaultScope(kind);
  if (typeof scope !== 'string') return fail('scope', 'must be a text');
  const scopes = parseScopes(withoutWords(scope));
  if (scopes.strange.length > 0 || scopes.known.length === 0) fail('scope', 'must hold SMART scopes, separated by one space');
  const isText = (value: unknown, pattern: RegExp) => typeof value === 'string' && pattern.test(value);
  if (kind === 'institution') {
    if (!isText(it['organization'], /^Organization\/[A-Za-z0-9\-.]{1,64}$/)) fail('organization', 'must be Organization/<id>');
    if (!isText(it['institutionCode'], /^\d{10}$/)) fail('institutionCode', 'must have 10 digits');
    if (!isText(it['patientNumberSystem'], /^(urn:|https?:)\S+$/)) fail('patientNumberSystem', 'must be a URI');
  }
  const studies = it['studies'];
  if (kind === 'researcher' && !(Array.isArray(studies) && studies.every(id => typeof id === 'string' && isId(id))))
    fail('studies', 'must be a list of ids');
  const isRedirect = (uri: unknown) => typeof uri === 'string' && isRedirectUri(uri.replace('{origin}', 'https://noren.example'));
  const uris = it['redirect_uris'];
  if (uris !== undefined) {
    if (kind !== 'patient-app' && kind !== 'staff-app') fail('redirect_uris', 'is for apps that people sign in to');
    if (!Array.isArray(uris) || uris.length === 0 || !uris.every(isRedirect))
      fail('redirect_uris', 'must be a list of https URLs, http URLs of this machine, or URLs of a scheme with a dot, without fragments');
  } else if (kind === 'staff-app') fail('redirect_uris', 'must be given for this kind');
  for (const name of ['client_name', 'client_name#ja'])
    if (it[name] !== undefined && !isText(it[name], /^[^\p{Cc}]{1,80}$/u)) fail(name, 'must be a text of up to 80 characters');
  const { external } = it;
  if (external !== undefined && typeof external !== 'boolean') fail('external', 'must be true or false');
  if (external === true && kind === 'staff-app') fail('external', 'is not for apps of staff: whose they are is known by who signs in here');
  const elsewhere = it['jwks_uri'] !== undefined;
  if (elsewhere && it['jwks'] !== undefined) fail('jwks_uri', 'must not stand beside jwks');
  if (elsewhere && !isKeySetUrl(it['jwks_uri'], mode === 'sandbox')) fail('jwks_uri', 'must be an https URL of a host outside');
  const needsNone = elsewhere || uris !== undefined || external === true;
  const keys = needsNone && it['jwks'] === undefined ? [] : (it['jwks'] as { keys?: unknown } | undefined)?.keys;
  if (!Array.isArray(keys)) return fail('jwks', 'must be a JWK Set');
  const jwks = { keys: keys.map((key, i) => publicKey(key, rule => fail(`jwks.keys[${i}]`, rule))) };
  if (new Set(jwks.keys.map(key => key.kid)).size < jwks.keys.length) fail('jwks', 'must not hold two keys of one kid');
  return { ...(it as unknown as Client), scope, jwks };
}

function isRedirectUri(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || text.includes('#') || url.username + url.password !== '') return false;
  if (url.protocol === 'http:') return ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  return url.protocol === 'https:' || /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:$/.test(url.protocol);
}

/** A client's key, reduced to what is needed of it; `fail` is told which rule it breaks. */
export function publicKey(json: unknown, fail: (rule: string) => never): Jwk {
  const key = json as Jwk;
  if (typeof key?.kid !== 'string' || key.kid === '') return fail('must have a kid');
  if ('d' in key || 'k' in key) return fail('must be a public key');
  const fits = (key.kty === 'EC' && key.crv === 'P-384') || key.kty === 'RSA';
  if (!fits) return fail('must be RSA (for RS384) or EC on P-384 (for ES384)');
  try {
    const object = publicKeyOf(key);
    if (object.asymmetricKeyType === 'rsa' && (object.asymmetricKeyDetails?.modulusLength ?? 0) < 2048)
      return fail('must have 2048 bits or more');
  } catch {
    return fail('is no usable key');
  }
  return publicPart(key);
}

/** The registry of this mode: production's stands in the file that the settings name; a sandbox makes its own unless one is named. */
export function loadClients(mode: Mode, dataDir: string, file?: string): Clients {
  if (file !== undefined) return openClients(file, mode);
  if (mode === 'production') throw new Error('Production mode needs a clients file.');
  return createSandboxClients(dataDir);
}

const institution = (n: string, institutionCode: string) => ({
  client_id: `hospital-${n}`,
  kind: 'institution' as const,
  organization: `Organization/hospital-${n}`,
  institutionCode,
  patientNumberSystem: hospitalNumberPrefix + institutionCode,
});

const app = (client_id: string, kind: ClientKind, place: string, name: string, ja: string): Omit<Client, 'active'> => ({
  client_id,
  kind,
  jwks: { keys: [] },
  scope: `${words.join(' ')} ${defaultScope(kind)}`,
  redirect_uris: [`{origin}${place}`],
  client_name: name,
  'client_name#ja': ja,
});

/** The apps that this server brings along; they run in a browser and have no key. */
const sandboxApps: readonly Omit<Client, 'active'>[] = [
  app('objection-app', 'patient-app', '/app/objection/', 'My records and research', 'わたしの記録と研究利用'),
  app('desk-app', 'staff-app', '/app/desk/', 'Front desk: notices', '窓口：お知らせの記録'),
];

/** The clients of a sandbox's first start. */
export const sandboxClients: readonly Omit<Client, 'active' | 'jwks' | 'scope'>[] = [
  { client_id: 'tester', kind: 'tester' },
  institution('1', '1319999991'),
  institution('2', '2719999992'),
  { client_id: 'researcher-1', kind: 'researcher', studies: ['sandbox-active', 'sandbox-second', 'sandbox-withdrawn'] },
  { client_id: 'researcher-2', kind: 'researcher', studies: [] },
  { client_id: 'operator', kind: 'operator' },
  { client_id: 'patient-app', kind: 'patient-app' },
];

/**
 * The sandbox's registry: on a first start every client gets a key pair, its private half in `DATA/clients/<id>.key.json`.
 * The registry is written last: a start that was cut off goes on with the keys it had made.
 */
export function createSandboxClients(dataDir: string): Clients {
  const file = clientsFile(dataDir);
  if (readJson(file) === undefined) {
    makeDirectory(dataDir);
    const clients = sandboxClients.map((client): Client => {
      const keyFile = clientKeyFile(dataDir, client.client_id);
      const key = (readJson(keyFile) as Jwk | undefined) ?? createKey();
      writeOwnerOnly(keyFile, key);
      return { ...client, active: true, scope: defaultScope(client.kind), jwks: { keys: [publicPart(key)] } };
    });
    writeOwnerOnly(file, { clients });
  }
  // A sandbox that is older than its apps gets them too.
  const { clients } = readJson(file) as { clients?: unknown };
  const there = Array.isArray(clients) ? clients : [];
  const missing = sandboxApps.filter(one => !there.some(other => (other as Partial<Client> | null)?.client_id === one.client_id));
  if (Array.isArray(clients) && missing.length > 0)
    writeOwnerOnly(file, { clients: [...there, ...missing.map(one => ({ ...one, active: true }))] });
  return openClients(file, 'sandbox');
}
