/**
 * The house, put together: every room is opened here and handed what it needs of its neighbours. Nothing else builds anything, and so it is long.
 * @module
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Organization, Patient } from '@medplum/fhirtypes';
import { openAudit } from '../audit/log.ts';
import { logOf, logsIn } from '../audit/logs.ts';
import type { AuditRecord } from '../audit/record.ts';
import { createAuthorization } from '../auth/authorization.ts';
import { type Clients, createSandboxClients, openClients, originsOf } from '../auth/clients.ts';
import { researchAccess } from '../auth/roles.ts';
import { makeSandboxAccounts } from '../auth/sandbox-accounts.ts';
import { signedBy } from '../auth/signature.ts';
import { hasSwitched, switchedIn } from '../auth/switches.ts';
import { type Config, settings } from '../config.ts';
import { createEntered, createReleaseCheck } from '../consent/entered.ts';
import { eraseDue } from '../consent/erasure.ts';
import { createGate } from '../consent/gate.ts';
import { objectionsIn } from '../consent/left-out.ts';
import { narrow } from '../consent/narrow.ts';
import { withOwnDocuments } from '../consent/own-documents.ts';
import { capabilityStatement } from '../fhir/interactions/capabilities.ts';
import { createInteractions } from '../fhir/interactions/index.ts';
import { openApi } from '../fhir/interactions/openapi.ts';
import { asServer } from '../fhir/model/access.ts';
import type { Dispatch } from '../fhir/model/exchange.ts';
import { newId } from '../fhir/model/id.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import { createSealer } from '../fhir/model/seal.ts';
import { validate } from '../fhir/profile/validate.ts';
import { customParameters } from '../fhir/search/custom.ts';
import { parseSearch } from '../fhir/search/parse.ts';
import { openJournal, withJournal } from '../fhir/store/journal.ts';
import { profilesIn } from '../fhir/store/profiles.ts';
import type { Store } from '../fhir/store/store.ts';
import { knowledgeIn } from '../fhir/store/terminology.ts';
import { newCompiled } from '../fhir/terminology/knowledge.ts';
import { createTerminology } from '../fhir/terminology/terminology.ts';
import { pagesDirectory } from '../http/app.ts';
import { brandIdentifier } from '../http/brands.ts';
import { createFiles, shelfOfAll, shelfOfOne } from '../http/files.ts';
import { createHeld } from '../http/held.ts';
import { jobsOfAll, jobsOfOne } from '../http/jobs.ts';
import { type Log, traceOf } from '../http/log.ts';
import { createDispatch } from '../http/routes.ts';
import type { Parts } from '../http/server.ts';
import { pages } from '../http/sign-in/pages.ts';
import { createSources } from '../http/sources.ts';
import { createOperations, operationDefinitions } from '../operations/index.ts';
import { authorizationSettings } from './authorization-settings.ts';
import { holdingsOf } from './holdings.ts';
import { interactionSettings } from './interaction-settings.ts';
import { readKey } from './master-key.ts';
import { createRunning, everyMinute } from './running.ts';
import { fillSandbox } from './sandbox.ts';
import { openStorage } from './storage.ts';

export interface House {
  /** What the wire is made of. */
  readonly parts: Parts;
  readonly store: Store;
  readonly clients: Clients;
  /** To be called when nothing is in flight any more. */
  readonly close: () => Promise<void>;
}

/**
 * Opens everything, in the order in which it hangs together; what was opened is closed again when something after it cannot be.
 * @param worker which of several processes this is; absent: it serves alone
 * @throws Error with one sentence when the data directory or a key cannot be used
 */
export async function openHouse(
  config: Config,
  baseUrl: string,
  log: Log,
  now: () => number = Date.now,
  step?: (name: string) => void,
  worker?: number,
): Promise<House> {
  const opened: (() => unknown)[] = [];
  const close = async () => {
    for (const end of opened.splice(0).reverse()) await end();
  };
  try {
    const { timeZone } = config;
    const registry = config.clientsFile === undefined ? createSandboxClients(config.data) : openClients(config.clientsFile, config.mode);
    const institutions = institutionsOf(registry);
    const guardian = { requiredUnderAge: config.guardianRequiredUnderAge, renoticeAtAge: config.renoticeAtAge };
    const linkKey = config.linkKeyFile === undefined ? undefined : readKey(settings.linkKeyFile.variable, config.linkKeyFile);
    const storage = await openStorage(config, log);
    opened.push(() => storage.close());
    const audit = await openAudit({
      ...logOf(config.data, worker),
      all: () => logsIn(config.data),
      now,
      key: storage.secret('audit'),
      sync: config.synchronous,
      readSyncMs: config.auditReadSyncMs,
      base: baseUrl,
    });
    opened.push(() => audit.close());
    const stored = await storage.openStore({
      baseUrl,
      timeZone,
      cacheBytes: config.cacheBytes,
      now,
      institutionCode: sender => institutions(sender)?.code,
      keeps: keptFor(registry),
      erased: ({ source }) => audit.record(erasureRecord(source, now())),
      failed: error => log('error', 'an erasure cannot be carried out', traceOf(error)),
      notRenewed: error => log('error', 'what is stored cannot be read anew for now', traceOf(error)),
      ...(step === undefined ? {} : { step }),
    });
    opened.push(() => stored.close());
    const kept = await storage.openKept?.(now);
    const { journalDir } = config;
    const journal = journalDir === undefined ? undefined : await openJournal(journalDir, storage.secret('journal'));
    if (journal) opened.push(() => journal.close());
    const store = journal ? withJournal(stored, journal, now) : stored;
    // A store that came from MongoDB knows who was switched off there.
    const clients = kept !== undefined || (await hasSwitched(store)) ? switchedIn(registry, store, now) : registry;
    if (config.eraseOnObjection === 'at-once') {
      await eraseDue(store, now());
      opened.push(
        everyMinute(
          () => eraseDue(store, now()),
          error => log('error', 'an erasure that was due failed', traceOf(error)),
        ),
      );
    }
    if (config.mode === 'sandbox') await makeSandboxAccounts(config.data);
    const authorization = createAuthorization({
      baseUrl,
      dataDir: config.data,
      clients,
      mode: config.mode,
      tokenLifeSeconds: config.tokenLifeSeconds,
      now,
      secret: storage.secret('authorization'),
      ...(kept === undefined ? {} : { kept }),
      pages,
      describe: patient => describe(store, patient),
      onBug: error => log('error', 'the authorization server failed', traceOf(error)),
      ...authorizationSettings(config, baseUrl),
    });
    opened.push(() => authorization.close());

    const sealer = createSealer(storage.secret('paging'));
    const entered = createEntered({ store, institutions, waitDays: config.waitDays, waitRule: config.waitRule, timeZone, now });
    const compiled = newCompiled();
    const profiles = profilesIn(store, compiled, now, baseUrl);
    const common = {
      store,
      validate: (resource: AnyResource) => [...validate(resource), ...customParameters(resource).findings],
      profiles,
      parseSearch,
      now,
      baseUrl,
      dispatch: (): Dispatch => dispatch,
    };
    const held = createHeld(config.asyncMaxBytes, now);
    const files = createFiles({
      baseUrl,
      lifeSeconds: config.asyncLifeSeconds,
      shelf: kept === undefined ? shelfOfOne(now) : shelfOfAll(kept, now),
      held,
      moment: () => store.moment(),
      now,
    });
    const operations = createOperations({
      ...common,
      knowledge: access => knowledgeIn(store, access, compiled),
      secret: purpose => storage.secret(purpose),
      ...(linkKey === undefined ? {} : { linkKey: () => linkKey }),
      sealer,
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
      sources: createSources({ ...config, fileSources: config.fileSources! }),
      offerFiles: files.offer,
      setActive: authorization.setActive,
      institutions,
      noticeRules: {
        waitDays: config.waitDays,
        waitRule: config.waitRule,
        renotice: { onRepresentative: config.renoticeOnRepresentative },
        guardian,
        timeZone,
      },
      settings: {
        maxReleaseResources: config.maxReleaseResources,
        maxCount: config.maxCount,
        maxDepth: config.maxDepth,
        timeZone,
        implicitPolicy: config.implicitPolicy,
        ...(config.operatorContact === undefined ? {} : { operatorContact: config.operatorContact }),
      },
    });
    const stated = {
      settings: interactionSettings(config),
      capabilities: {
        ...release(),
        operations: operationDefinitions().map(({ code, url, description, system, type, instance, resource }) => ({
          name: code!,
          definition: url!,
          ...(description === undefined ? {} : { documentation: description }),
          system: system === true,
          ...(type || instance ? { types: resource ?? [] } : {}),
        })),
      },
    };
    const interactions = createInteractions({
      ...common,
      gate: createGate({
        store,
        waitDays: config.waitDays,
        waitRule: config.waitRule,
        noticeVersionRequired: config.noticeVersionRequired!,
        filingRequired: config.filingRequired!,
        eraseOnObjection: config.eraseOnObjection === 'at-once',
        reconcileSilenceDays: config.reconcileSilenceDays!,
        ...(config.renoticeBlocks ? { renotice: { onRepresentative: config.renoticeOnRepresentative } } : {}),
        guardian,
        timeZone,
        now,
        institutions,
        base: baseUrl,
      }),
      terminology: access => createTerminology(knowledgeIn(store, access, compiled)),
      sealer,
      newId: () => newId(now()),
      institutionCode: sender => institutions(sender)?.code,
      report: thrown => log('error', 'an entry failed', traceOf(thrown)),
      ...stated,
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

    // Closed first: what was taken to be answered later is done before anything that it needs is closed.
    const running = createRunning();
    opened.push(running.done);
    let openApiText: string | undefined;
    const parts: Parts = {
      baseUrl,
      limits: config,
      // Pages of registered apps are clients like others.
      corsOrigins: [...config.corsOrigins!, ...originsOf(clients, baseUrl)],
      trustedProxies: config.trustedProxies!,
      authenticate: authorization.authenticate,
      narrow: access => withOwnDocuments(narrow(access), { store, codeOf: sender => institutions(sender)?.code }),
      dispatch,
      audit,
      files,
      held,
      jobs:
        kept === undefined
          ? jobsOfOne(now)
          : jobsOfAll(kept, now, error => log('error', 'a request that is worked on could not be told of', traceOf(error))),
      known: store,
      underway: running.add,
      ready: () => store.ready() && audit.ready(),
      smartConfiguration: () => ({
        ...authorization.smartConfiguration(),
        user_access_brand_bundle: `${new URL(baseUrl).origin}/brands`,
        user_access_brand_identifier: brandIdentifier(baseUrl),
      }),
      organizations: () => registered(store, clients),
      authorization: { path: new URL(authorization.issuer).pathname, handler: authorization.handler },
      landing: {
        mode: config.mode,
        openApi: () => (openApiText ??= JSON.stringify(openApi(capabilityStatement({ ...stated, baseUrl })))),
        holdings: holdingsOf(store, config.mode === 'sandbox', now),
        docs: path.join(root, 'docs'),
      },
      apps: {
        directory: pagesDirectory,
        origins: [new URL(authorization.issuer).origin, ...config.appOrigins!],
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

/** A Group that the operator keeps outlives its members: it says nothing of them but that they are in it. */
function keptFor(clients: Clients): (sender: string, type: string) => boolean {
  const operators = new Set(clients.all().flatMap(({ client_id, kind }) => (kind === 'operator' ? [`client/${client_id}`] : [])));
  return (sender, type) => type === 'Group' && operators.has(sender);
}

/** Names the objection and nobody. */
const erasureRecord = (source: string, time: number): AuditRecord => ({
  time,
  requestId: 'erase',
  interaction: 'erase',
  type: 'Consent',
  id: source.slice(source.indexOf('/') + 1),
  status: 200,
  client: 'noren',
  role: 'server',
  purpose: 'HOPERAT',
});

/** 10-digit codes of the institutions in the registry. */
const codesOf = (clients: Clients): string[] => clients.all().flatMap(({ institutionCode }) => institutionCode ?? []);

/** The Organizations that the registry's institutions are bound to, as far as they are stored. */
async function registered(store: Store, clients: Clients): Promise<Organization[]> {
  const access = asServer('name the institutions to apps');
  const found: Organization[] = [];
  for (const reference of new Set(clients.all().flatMap(({ organization }) => organization ?? []))) {
    const version = await store.read(access, 'Organization', reference.slice('Organization/'.length));
    if (version && !version.deleted) found.push(JSON.parse(version.bytes.toString('utf8')) as Organization);
  }
  return found;
}

/** What a guardian needs to tell his children apart; nothing of a patient who is not there (any more). */
async function describe(store: Store, patient: string): Promise<{ name?: string; birthDate?: string } | undefined> {
  const version = await store.read(
    asServer('name the patients that an account may choose from'),
    'Patient',
    patient.slice('Patient/'.length),
  );
  if (!version || version.deleted) return undefined;
  const { name = [], birthDate } = JSON.parse(version.bytes.toString('utf8')) as Patient;
  const [first] = name;
  const text = first?.text ?? [first?.family, ...(first?.given ?? [])].filter(part => part !== undefined).join(' ');
  return { ...(text === '' ? {} : { name: text }), ...(birthDate === undefined ? {} : { birthDate }) };
}

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
