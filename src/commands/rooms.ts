/**
 * The house, put together: every room is opened here and handed what it needs of its neighbours. Nothing else builds anything.
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { openAudit } from '../audit/log.ts';
import { createAuthorization } from '../auth/authorization.ts';
import { type Clients, createSandboxClients, openClients } from '../auth/clients.ts';
import { readSigningKeys } from '../auth/keys.ts';
import { researchAccess } from '../auth/roles.ts';
import { signedBy } from '../auth/signature.ts';
import type { Config } from '../config.ts';
import { createEntered, createReleaseCheck } from '../consent/entered.ts';
import { createGate } from '../consent/gate.ts';
import { objectionsIn } from '../consent/left-out.ts';
import { narrow } from '../consent/narrow.ts';
import { createInteractions } from '../fhir/interactions/index.ts';
import { asServer } from '../fhir/model/access.ts';
import type { Dispatch } from '../fhir/model/exchange.ts';
import { newId } from '../fhir/model/id.ts';
import { resourceTypes } from '../fhir/model/r4.ts';
import { createSealer } from '../fhir/model/seal.ts';
import { validate } from '../fhir/profile/validate.ts';
import { parseSearch } from '../fhir/search/parse.ts';
import { openKeyring } from '../fhir/store/keys/keyring.ts';
import { openSqliteStore } from '../fhir/store/sqlite/store.ts';
import type { Store } from '../fhir/store/store.ts';
import { type Log, traceOf } from '../http/log.ts';
import { createDispatch } from '../http/routes.ts';
import type { Parts } from '../http/server.ts';
import { createOperations, operationDefinitions } from '../operations/index.ts';
import { masterKey } from './master-key.ts';
import { fillSandbox } from './sandbox.ts';

export interface House {
  /** What the wire is made of. */
  readonly parts: Parts;
  readonly store: Store;
  readonly clients: Clients;
  /** To be called when nothing is in flight any more. */
  readonly close: () => Promise<void>;
}

/** Where the rooms keep their files below DATA. */
const places = (data: string) => ({
  keys: path.join(data, 'keys'),
  store: path.join(data, 'store'),
  audit: path.join(data, 'audit'),
});

/**
 * Opens everything, in the order in which it hangs together; what was opened is closed again when something after it cannot be.
 * @throws Error with one sentence when the data directory or a key cannot be used
 */
export async function openHouse(config: Config, baseUrl: string, log: Log, now: () => number = Date.now): Promise<House> {
  const opened: (() => unknown)[] = [];
  const close = async () => {
    for (const end of opened.splice(0).reverse()) await end();
  };
  try {
    const { timeZone } = config;
    const where = places(config.data);
    const clients = config.clientsFile === undefined ? createSandboxClients(config.data) : openClients(config.clientsFile, config.mode);
    const institutions = institutionsOf(clients);
    const keyring = openKeyring({ directory: where.keys, master: masterKey(config, !existsSync(path.join(where.keys, 'keys.db'))) });
    opened.push(() => keyring.close());
    const audit = await openAudit({
      directory: where.audit,
      now,
      key: keyring.secret('audit'),
      sync: config.synchronous,
      readSyncMs: config.auditReadSyncMs,
      base: baseUrl,
    });
    opened.push(() => audit.close());
    const store = await openSqliteStore({
      directory: where.store,
      keyring,
      baseUrl,
      timeZone,
      synchronous: config.synchronous,
      cacheBytes: config.cacheBytes,
      now,
      institutionCode: sender => institutions(sender)?.code,
    });
    opened.push(() => store.close());
    const authorization = createAuthorization({
      baseUrl,
      dataDir: config.data,
      clients,
      mode: config.mode,
      tokenLifeSeconds: config.tokenLifeSeconds,
      now,
      onBug: error => log('error', 'the authorization server failed', traceOf(error)),
      ...(config.signingKeyFile === undefined ? {} : { signingKeys: readSigningKeys(config.signingKeyFile) }),
      ...(config.issuer === undefined ? {} : { issuer: config.issuer }),
    });
    opened.push(() => authorization.close());

    const sealer = createSealer(keyring.secret('paging'));
    const entered = createEntered({ store, institutions, waitDays: config.waitDays, waitRule: config.waitRule, timeZone, now });
    const operations = createOperations({
      store,
      secret: purpose => keyring.secret(purpose),
      parseSearch,
      researchAccess,
      entered,
      mayRelease: createReleaseCheck({ store, now }, entered),
      signedBy: (client, jws) => signedBy(clients.find(client)?.jwks?.keys ?? [], jws),
      alarm: institution =>
        audit.record({
          time: now(),
          requestId: 'reconcile',
          interaction: 'alarm',
          status: 422,
          issue: 'business-rule',
          client: 'noren',
          role: 'server',
          sender: institution,
          purpose: 'HOPERAT',
        }),
      underObjection: bundle => objectionsIn(bundle, { store, now: now(), base: baseUrl, institutions: codesOf(clients) }),
      institutions,
      setActive: (client, active) => clients.setActive(client, active),
      now,
      settings: {
        maxReleaseResources: config.maxReleaseResources,
        timeZone,
        implicitPolicy: config.implicitPolicy,
        ...(config.operatorContact === undefined ? {} : { operatorContact: config.operatorContact }),
      },
      baseUrl,
    });
    const interactions = createInteractions({
      store,
      validate,
      gate: createGate({
        store,
        waitDays: config.waitDays,
        waitRule: config.waitRule,
        noticeVersionRequired: config.noticeVersionRequired!,
        filingRequired: config.filingRequired!,
        reconcileSilenceDays: config.reconcileSilenceDays!,
        ...(config.renoticeBlocks ? { renotice: { onRepresentative: config.renoticeOnRepresentative } } : {}),
        timeZone,
        now,
        institutions,
        base: baseUrl,
      }),
      parseSearch,
      sealer,
      newId: () => newId(now()),
      now,
      baseUrl,
      dispatch: () => dispatch,
      report: thrown => log('error', 'an entry failed', traceOf(thrown)),
      settings: {
        defaultCount: config.defaultCount,
        maxCount: config.maxCount,
        maxBundleEntries: config.maxBundleEntries,
        referentialIntegrity: config.referentialIntegrity,
        timeZone,
      },
      capabilities: {
        ...release(),
        operations: operationDefinitions().map(({ code, url, description }) => ({
          name: code!,
          definition: url!,
          ...(description === undefined ? {} : { documentation: description }),
        })),
      },
    });
    const dispatch: Dispatch = createDispatch({ interactions, operations, audit, baseUrl, sealer, now });
    if (config.mode === 'sandbox') {
      const made = await fillSandbox(store, now());
      if (made.length > 0)
        await audit.record({
          time: now(),
          requestId: 'start',
          interaction: 'transaction',
          status: 200,
          client: 'noren',
          role: 'server',
          purpose: 'HOPERAT',
          entries: { create: made },
        });
    }

    const parts: Parts = {
      baseUrl,
      limits: config,
      corsOrigins: config.corsOrigins!,
      trustedProxies: config.trustedProxies!,
      authenticate: authorization.authenticate,
      narrow,
      dispatch,
      audit,
      ready: () => store.ready() && audit.ready(),
      smartConfiguration: authorization.smartConfiguration,
      authorization: { path: new URL(authorization.issuer).pathname, handler: authorization.handler },
      landing: {
        mode: config.mode,
        holdings: holdingsOf(store, config.mode === 'sandbox' ? resourceTypes : tellable, now),
        docs: path.join(root, 'docs'),
      },
      log,
      now,
    };
    return { parts, store, clients, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** 10-digit codes of the institutions in the registry. */
const codesOf = (clients: Clients): string[] => clients.all().flatMap(({ institutionCode }) => institutionCode ?? []);

/** Of the registry: whose patient numbers are whose. */
function institutionsOf(clients: Clients): (sender: string) => { readonly numberSystem: string; readonly code: string } | undefined {
  const known = new Map(
    clients.all().flatMap(client => {
      const { organization, institutionCode, patientNumberSystem } = client;
      return organization === undefined || institutionCode === undefined || patientNumberSystem === undefined
        ? []
        : [[organization, { numberSystem: patientNumberSystem, code: institutionCode }] as const];
    }),
  );
  return sender => known.get(sender);
}

const root = path.join(import.meta.dirname, '../..');

/** Version and day of this release. */
function release(): { version: string; date: string } {
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
  return { version, date: '2026-11-22' };
}

/** Types that say nothing of any patient, not even by their number. */
const tellable = [
  'ActivityDefinition',
  'CodeSystem',
  'ConceptMap',
  'Library',
  'Measure',
  'OperationDefinition',
  'Organization',
  'PlanDefinition',
  'Questionnaire',
  'ResearchStudy',
  'SearchParameter',
  'StructureDefinition',
  'ValueSet',
];

const holdingsMs = 5000;

/** How many of each type there are, looked up at most every five seconds. */
function holdingsOf(store: Store, types: readonly string[], now: () => number): () => Promise<readonly (readonly [string, number])[]> {
  const access = asServer('say what is loaded');
  const count = { where: [], sort: [], count: 0, total: 'accurate', summary: 'count', elements: [], include: [], revinclude: [] } as const;
  let held: { readonly at: number; readonly counts: Promise<readonly (readonly [string, number])[]> } | undefined;
  const look = async () => {
    const counts: (readonly [string, number])[] = [];
    for (const type of types) {
      const { total = 0 } = await store.search(access, { type, ...count });
      if (total > 0) counts.push([type, total]);
    }
    return counts;
  };
  return () => {
    if (held === undefined || now() - held.at > holdingsMs) held = { at: now(), counts: look() };
    return held.counts;
  };
}
