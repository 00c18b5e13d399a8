/**
 * Environment and flags → one frozen typed object, read once. Each setting is a row of one table; `--help` and docs/settings.md are made from it.
 * A wrong value stops the start with one sentence that names the variable.
 * Long because the table is one: each row says all there is to say of a setting.
 * @module
 */
import {
  appOrigin,
  baseAddress,
  contact,
  filled,
  hostName,
  inProduction,
  issuerName,
  list,
  mongoAddress,
  network,
  oneOf,
  optional,
  optionalWhole,
  origin,
  type Setting,
  storeName,
  text,
  WrongSetting,
  webAddress,
  whole,
  yesNo,
  zone,
} from './setting.ts';

export { WrongSetting };

const mega = 1_048_576;

/** Every setting: its variable, default, unit and meaning. */
export const settings = {
  port: whole({ variable: 'PORT', unit: '', meaning: 'TCP port; 0 takes a free one' }, 8080, 0, 65_535),
  host: text({ variable: 'HOST', unit: '', meaning: 'address to listen on; 0.0.0.0 for all' }, '127.0.0.1', hostName),
  data: text({ variable: 'DATA', unit: '', meaning: 'directory of the data, made with mode 0700' }, './data', filled),
  store: text(
    { variable: 'STORE', unit: '', meaning: 'sqlite: files below DATA; or the mongodb:// URI of a database that several servers share' },
    'sqlite',
    storeName,
  ),
  keys: optional(
    {
      variable: 'KEYS',
      unit: '',
      meaning: 'with STORE in MongoDB: the mongodb:// URI of the database of the keys, which production keeps on another server',
    },
    'database of STORE with _keys',
    'URI',
    mongoAddress,
  ),
  workers: whole(
    {
      variable: 'WORKERS',
      unit: 'processes',
      meaning: 'processes that serve on one port, with STORE in MongoDB; each has the whole index in its memory',
    },
    1,
    1,
    64,
  ),
  baseUrl: optional(
    { variable: 'BASE_URL', unit: '', meaning: 'address that clients use; all links are made from it, never from what a request says' },
    'http://HOST:PORT/fhir',
    'URL',
    baseAddress,
  ),
  mode: oneOf(
    { variable: 'MODE', unit: '', meaning: 'sandbox makes keys, clients and fixtures by itself; production starts only with those given' },
    ['sandbox', 'production'],
    'sandbox',
  ),
  issuer: optional(
    { variable: 'ISSUER', unit: '', meaning: 'issuer of access tokens; must be given in production' },
    'made from BASE_URL',
    'URL',
    webAddress,
  ),
  linkKeyFile: optional(
    {
      variable: 'LINK_KEY_FILE',
      unit: '',
      meaning:
        'file with the key (as MASTER_KEY_FILE) that links releases under jp-linkable to the public data bases that have it too; without it there are none',
    },
    '',
    'FILE',
    filled,
  ),
  masterKeyFile: optional(
    { variable: 'MASTER_KEY_FILE', unit: '', meaning: 'file with the key that wraps all patients’ keys; must be given in production' },
    'made under DATA',
    'FILE',
    filled,
  ),
  journalDir: optional(
    {
      variable: 'JOURNAL_DIR',
      unit: '',
      meaning:
        'folder, best on another disk, that has every objection and key destruction before it is answered; a restored backup is brought up to date from it',
    },
    'none',
    'FOLDER',
    filled,
  ),
  signingKeyFile: optional(
    { variable: 'SIGNING_KEY_FILE', unit: '', meaning: 'file with the private JWKS that signs tokens; must be given in production' },
    'made under DATA',
    'FILE',
    filled,
  ),
  clientsFile: optional(
    { variable: 'CLIENTS_FILE', unit: '', meaning: 'file with the registered clients and their public keys' },
    'made under DATA',
    'FILE',
    filled,
  ),
  externalIssuer: optional(
    {
      variable: 'EXTERNAL_ISSUER',
      unit: '',
      meaning: 'another issuer whose access tokens are taken too, for clients registered as external; compared to the letter',
    },
    'none',
    'URL',
    issuerName,
  ),
  externalJwksUri: optional(
    { variable: 'EXTERNAL_JWKS_URI', unit: '', meaning: 'where the keys of EXTERNAL_ISSUER stand: https, a host outside' },
    'none',
    'URL',
    filled,
  ),
  externalAudience: optional(
    { variable: 'EXTERNAL_AUDIENCE', unit: '', meaning: 'what the aud of a token of EXTERNAL_ISSUER must hold' },
    'BASE_URL',
    'TEXT',
    filled,
  ),
  accountsFile: optional(
    { variable: 'ACCOUNTS_FILE', unit: '', meaning: 'file with the accounts that may sign in to apps' },
    'under DATA',
    'FILE',
    filled,
  ),
  upstreamIssuer: optional(
    { variable: 'UPSTREAM_ISSUER', unit: '', meaning: 'OpenID provider that signs people in; without it they have passwords here' },
    'none',
    'URL',
    webAddress,
  ),
  upstreamClientId: optional(
    { variable: 'UPSTREAM_CLIENT_ID', unit: '', meaning: 'client_id of this server at UPSTREAM_ISSUER' },
    'none',
    'TEXT',
    filled,
  ),
  upstreamKeyFile: optional(
    {
      variable: 'UPSTREAM_KEY_FILE',
      unit: '',
      meaning: 'file with the private JWK, or the client_secret, of this server at UPSTREAM_ISSUER',
    },
    'none',
    'FILE',
    filled,
  ),
  tokenLifeSeconds: whole({ variable: 'TOKEN_LIFE_SECONDS', unit: 'seconds', meaning: 'life of an access token' }, 300, 120, 3600),
  waitDays: whole(
    { variable: 'WAIT_DAYS', unit: 'days', meaning: 'days between the notice to a patient and the day before the first permitted intake' },
    30,
    0,
    3650,
  ),
  waitRule: oneOf(
    {
      variable: 'WAIT_RULE',
      unit: '',
      meaning: 'days: WAIT_DAYS alone; later-of-month: WAIT_DAYS or one calendar month, whichever ends later',
    },
    ['days', 'later-of-month'],
    'days',
  ),
  noticeVersionRequired: inProduction({
    variable: 'NOTICE_VERSION_REQUIRED',
    unit: '',
    meaning: 'refuse a notice that does not name the version of its text',
  }),
  filingRequired: inProduction({
    variable: 'FILING_REQUIRED',
    unit: '',
    meaning: 'refuse intake of an institution without a filing (届出) that holds on that day',
  }),
  renoticeOnRepresentative: yesNo(
    {
      variable: 'RENOTICE_ON_REPRESENTATIVE',
      unit: '',
      meaning: 'with RENOTICE_BLOCKS: a text that names another representative asks for new notices without a mark',
    },
    true,
  ),
  renoticeBlocks: yesNo({ variable: 'RENOTICE_BLOCKS', unit: '', meaning: 'intake about whoever must be told again waits for it' }, false),
  guardianRequiredUnderAge: whole(
    {
      variable: 'GUARDIAN_REQUIRED_UNDER_AGE',
      unit: 'years',
      meaning: 'a notice to somebody younger on that day counts only when a guardian was told too; 0: it always counts',
    },
    16,
    0,
    150,
  ),
  renoticeAtAge: whole(
    {
      variable: 'RENOTICE_AT_AGE',
      unit: 'years',
      meaning: 'intake about whoever was told through a guardian alone waits for a new notice from this age on; 0: it does not',
    },
    0,
    0,
    150,
  ),
  eraseOnObjection: oneOf(
    {
      variable: 'ERASE_ON_OBJECTION',
      unit: '',
      meaning: 'at-once: what is stored about a patient who objects can never be read again; never: it is kept, and left out of everything',
    },
    ['at-once', 'never'],
    'at-once',
  ),
  implicitPolicy: oneOf(
    {
      variable: 'IMPLICIT_POLICY',
      unit: '',
      meaning: 'what $consent-decision answers about a patient without a consent on file: the policy of IHE PCF of this name',
    },
    ['basic-normal', 'all-normal', 'break-glass-only', 'deny'],
    'basic-normal',
  ),
  reconcileSilenceDays: optionalWhole(
    {
      variable: 'RECONCILE_SILENCE_DAYS',
      unit: 'days',
      meaning: 'without a matching $reconcile of an institution after which its intake is held; 0: never',
    },
    '0 in sandbox, 7 in production',
    0,
    365,
  ),
  operatorContact: optional(
    {
      variable: 'OPERATOR_CONTACT',
      unit: '',
      meaning: 'where a patient can ask, up to 200 characters; stands on every receipt of an objection',
    },
    'origin of BASE_URL',
    'TEXT',
    contact,
  ),
  timeZone: text({ variable: 'TIME_ZONE', unit: '', meaning: 'time zone whose calendar days count for notices' }, 'Asia/Tokyo', zone),
  conditionalCreate: yesNo(
    { variable: 'CONDITIONAL_CREATE', unit: '', meaning: 'serve If-None-Exist; else a create with it is refused' },
    true,
  ),
  conditionalRead: yesNo(
    { variable: 'CONDITIONAL_READ', unit: '', meaning: 'answer 304 to If-None-Match and If-Modified-Since; else they change nothing' },
    true,
  ),
  conditionalUpdate: yesNo({ variable: 'CONDITIONAL_UPDATE', unit: '', meaning: 'serve PUT with criteria instead of an id' }, true),
  conditionalPatch: yesNo({ variable: 'CONDITIONAL_PATCH', unit: '', meaning: 'serve PATCH with criteria instead of an id' }, true),
  conditionalDelete: oneOf(
    {
      variable: 'CONDITIONAL_DELETE',
      unit: '',
      meaning: 'serve DELETE with criteria instead of an id; single: criteria that match several are refused',
    },
    ['not-supported', 'single', 'multiple'],
    'multiple',
  ),
  maxConditionalDeletes: whole(
    {
      variable: 'MAX_CONDITIONAL_DELETES',
      unit: 'resources',
      meaning: 'what one DELETE with criteria may delete; more matches are refused',
    },
    100,
    1,
    10_000,
  ),
  updateCreate: yesNo(
    {
      variable: 'UPDATE_CREATE',
      unit: '',
      meaning: 'a PUT to an id that was never used creates the resource, for clients that may bring ids',
    },
    true,
  ),
  referentialIntegrity: yesNo(
    { variable: 'REFERENTIAL_INTEGRITY', unit: '', meaning: 'refuse references that lead to nothing here' },
    false,
  ),
  maxBodyBytes: whole(
    {
      variable: 'MAX_BODY_BYTES',
      unit: 'bytes',
      meaning: 'largest body of one request, also after decompression; and all files of FILE_SOURCES of one call together',
    },
    64 * mega,
    1024,
    1024 * mega,
  ),
  maxBodiesBytes: whole(
    { variable: 'MAX_BODIES_BYTES', unit: 'bytes', meaning: 'bodies of all requests in flight together; beyond it 503' },
    256 * mega,
    1024,
    65_536 * mega,
  ),
  maxBundleEntries: whole({ variable: 'MAX_BUNDLE_ENTRIES', unit: 'entries', meaning: 'entries of one Bundle' }, 20_000, 1, 1_000_000),
  maxReleaseResources: whole(
    { variable: 'MAX_RELEASE_RESOURCES', unit: 'resources', meaning: 'resources of one $deidentify; beyond it 422 too-costly' },
    50_000,
    1,
    1_000_000,
  ),
  fileSources: list(
    {
      variable: 'FILE_SOURCES',
      unit: '',
      meaning:
        'addresses below which $de-identify and $anonymize may fetch files that a client names, such as https://files.hospital.example/export; without them none are fetched',
    },
    'none',
    webAddress,
  ),
  fileTimeoutMs: whole(
    { variable: 'FILE_TIMEOUT_MS', unit: 'ms', meaning: 'time that one such file may take; all of one call may take four times as long' },
    30_000,
    10,
    900_000,
  ),
  maxDepth: whole({ variable: 'MAX_DEPTH', unit: 'levels', meaning: 'nesting of one body' }, 64, 16, 1000),
  maxUrlBytes: whole({ variable: 'MAX_URL_BYTES', unit: 'bytes', meaning: 'length of a request’s URL' }, 8192, 256, 65_536),
  maxParameters: whole(
    { variable: 'MAX_PARAMETERS', unit: 'parameters', meaning: 'parameters of one request, of URL and form together' },
    256,
    8,
    10_000,
  ),
  defaultCount: whole({ variable: 'DEFAULT_COUNT', unit: 'resources', meaning: 'page size when a search names none' }, 50, 1, 10_000),
  maxCount: whole({ variable: 'MAX_COUNT', unit: 'resources', meaning: 'largest page; a larger _count is cut to it' }, 1000, 1, 10_000),
  maxInFlight: whole(
    { variable: 'MAX_IN_FLIGHT', unit: 'requests', meaning: 'requests worked on at once; beyond it 503' },
    1024,
    1,
    100_000,
  ),
  requestTimeoutMs: whole(
    { variable: 'REQUEST_TIMEOUT_MS', unit: 'ms', meaning: 'time that an answer may take; then 504' },
    60_000,
    10,
    3_600_000,
  ),
  bodyTimeoutMs: whole(
    { variable: 'BODY_TIMEOUT_MS', unit: 'ms', meaning: 'time in which a request must have arrived whole; headers have a quarter of it' },
    60_000,
    100,
    3_600_000,
  ),
  asyncLifeSeconds: whole(
    {
      variable: 'ASYNC_LIFE_SECONDS',
      unit: 'seconds',
      meaning: 'how long the result of a request with Prefer: respond-async, and a file that an operation made, can be fetched',
    },
    600,
    1,
    86_400,
  ),
  asyncMaxBytes: whole(
    { variable: 'ASYNC_MAX_BYTES', unit: 'bytes', meaning: 'such results and files of one process together; a larger one is not kept' },
    64 * mega,
    1024,
    65_536 * mega,
  ),
  synchronous: oneOf(
    {
      variable: 'SYNCHRONOUS',
      unit: '',
      meaning: 'full: an acknowledged write survives power loss; normal: it survives a crash of the process only',
    },
    ['full', 'normal'],
    'full',
  ),
  auditReadSyncMs: whole(
    {
      variable: 'AUDIT_READ_SYNC_MS',
      unit: 'ms',
      meaning:
        'with full: for how long the record of a GET may wait for its sync after the answer has left (it is in the file before); 0: it may not',
    },
    10,
    0,
    1000,
  ),
  cacheBytes: whole({ variable: 'CACHE_BYTES', unit: 'bytes', meaning: 'memory for decrypted resources' }, 128 * mega, 0, 65_536 * mega),
  corsOrigins: list(
    { variable: 'CORS_ORIGINS', unit: '', meaning: 'origins whose pages may call the API, * for all (never with credentials)' },
    '* in sandbox, none in production',
    origin,
  ),
  appOrigins: list(
    {
      variable: 'APP_ORIGINS',
      unit: '',
      meaning: 'origins of other FHIR and authorization servers that the pages below /app may speak to (?iss=)',
    },
    'none',
    appOrigin,
  ),
  trustedProxies: list(
    { variable: 'TRUSTED_PROXIES', unit: '', meaning: 'proxies whose X-Forwarded-For is believed for the audit’s network address' },
    'none',
    network,
  ),
} as const satisfies Record<string, Setting<unknown>>;

export type Config = { readonly [name in keyof typeof settings]: ReturnType<(typeof settings)[name]['read']> };

type Draft = { -readonly [name in keyof Config]: Config[name] };

/**
 * Flags win over the environment, the environment over the default. An empty variable counts as not given.
 * @param args flags of the command line, `--port 8080` or `--port=8080`
 * @throws WrongSetting
 */
export function readConfig(args: readonly string[] = [], environment: Readonly<Record<string, string | undefined>> = {}): Config {
  const flags = readFlags(args);
  const draft: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(settings)) {
    const flag = flags.get(setting.flag);
    const given = flag ?? (environment[setting.variable] === '' ? undefined : environment[setting.variable]);
    const called = flag === undefined ? setting.variable : `--${setting.flag} (${setting.variable})`;
    try {
      draft[name] = setting.read(given);
    } catch (error) {
      throw new WrongSetting(`${called} ${(error as Error).message}.`);
    }
  }
  return together(draft as Draft);
}

/** What settings ask of each other. */
function together(draft: Draft): Config {
  if (draft.maxCount < draft.defaultCount) throw new WrongSetting('DEFAULT_COUNT must not be larger than MAX_COUNT.');
  if (draft.maxBodiesBytes < draft.maxBodyBytes) throw new WrongSetting('MAX_BODIES_BYTES must not be smaller than MAX_BODY_BYTES.');
  if (draft.keys !== undefined && draft.store === 'sqlite') throw new WrongSetting('KEYS must not be given when STORE is sqlite.');
  if (draft.workers > 1 && draft.store === 'sqlite')
    throw new WrongSetting('WORKERS must be 1 when STORE is sqlite: its files belong to one process.');
  if (draft.upstreamIssuer !== undefined) {
    for (const name of ['upstreamClientId', 'upstreamKeyFile'] as const)
      if (draft[name] === undefined) throw new WrongSetting(`${settings[name].variable} must be given with UPSTREAM_ISSUER.`);
  }
  if (draft.journalDir !== undefined && draft.store !== 'sqlite')
    throw new WrongSetting('JOURNAL_DIR goes with the embedded store; MongoDB keeps its own log.');
  if (draft.mode === 'production') {
    for (const name of ['issuer', 'masterKeyFile', 'signingKeyFile', 'clientsFile'] as const) {
      if (draft[name] === undefined) throw new WrongSetting(`${settings[name].variable} must be given when MODE is production.`);
    }
  }
  const [issuer, keys, audience] = [draft.externalIssuer, draft.externalJwksUri, draft.externalAudience];
  if (issuer !== undefined && keys === undefined) throw new WrongSetting('EXTERNAL_JWKS_URI must be given with EXTERNAL_ISSUER.');
  if (issuer === undefined && (keys ?? audience) !== undefined)
    throw new WrongSetting('EXTERNAL_ISSUER must be given with EXTERNAL_JWKS_URI and EXTERNAL_AUDIENCE.');
  draft.corsOrigins ??= Object.freeze(draft.mode === 'sandbox' ? ['*'] : []);
  draft.appOrigins ??= Object.freeze([]);
  draft.fileSources ??= Object.freeze([]);
  draft.trustedProxies ??= Object.freeze([]);
  draft.noticeVersionRequired ??= draft.mode === 'production';
  draft.reconcileSilenceDays ??= draft.mode === 'production' ? 7 : 0;
  draft.filingRequired ??= draft.mode === 'production';
  return Object.freeze(draft);
}

function readFlags(args: readonly string[]): Map<string, string> {
  const known: ReadonlySet<string> = new Set(Object.values(settings).map(setting => setting.flag));
  const flags = new Map<string, string>();
  for (let i = 0; i < args.length; i++) {
    const [, flag, , inline] = /^--([a-z-]+)(=([\s\S]*))?$/.exec(args[i]!) ?? [];
    if (flag === undefined || !known.has(flag)) throw new WrongSetting(`"${args[i]}" is no flag of this command; --help lists them.`);
    const value = inline ?? args[++i];
    if (value === undefined) throw new WrongSetting(`--${flag} needs a value.`);
    if (flags.has(flag)) throw new WrongSetting(`--${flag} is given twice.`);
    flags.set(flag, value);
  }
  return flags;
}

/**
 * For tests of what a crash leaves: the step of a commit or an erasure at which the process kills itself, and at which time that it comes there (`decided`, `put:7`); no setting.
 * SQLite has the steps `committed`, `destroyed`, `purged`; MongoDB `put`, `decided`, `applied`, `destroyed`, `done`; a migration `marked`, `keyed`, `put`, `taken`, `complete`, `verified`, `recorded`; a work on files `file`.
 */
export function crashStep(
  environment: Readonly<Record<string, string | undefined>>,
): { readonly step: string; readonly time: number } | undefined {
  const { NOREN_CRASH_AT: given, NODE_ENV: mode } = environment;
  if (given === undefined || mode !== 'test') return undefined;
  const [step = '', time = '1'] = given.split(':');
  return { step, time: Number(time) };
}

/** What a process is told that another one started as one of several: which one it is, from 1, and the port that they share; no setting. */
export function workerOf(
  environment: Readonly<Record<string, string | undefined>>,
): { readonly number: number; readonly port: number } | undefined {
  const [number, port] = environment['NOREN_WORKER']?.split(':').map(Number) ?? [];
  return number === undefined ? undefined : { number, port: port! };
}

/** For the process that is started: see workerOf. */
export const workerEnvironment = (number: number, port: number): Record<string, string> => ({ NOREN_WORKER: `${number}:${port}` });

/** BASE_URL, or `http://HOST:PORT/fhir` with the port that is really open. */
export function baseUrlOf(config: Pick<Config, 'baseUrl' | 'host' | 'port'>, port: number = config.port): string {
  return config.baseUrl ?? `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}/fhir`;
}
