/**
 * What oidc-provider keeps and asks for, one adapter per model: clients come from the registry, used assertions are marked, all else is kept.
 * A grant that is gone takes its code and its tokens along: nothing that came of it is good without it.
 * https://github.com/panva/node-oidc-provider/blob/main/example/my_adapter.js
 * @module
 */
import { errors, Provider } from 'oidc-provider';
import type { Kept, Payload } from '../fhir/store/kept.ts';
import { assertionLifeSeconds, clockToleranceSeconds } from './assertion-rules.ts';
import { type Client, type Clients, isApp, type Mode, publicKey, redirectUrisOf } from './clients.ts';
import type { KeySets } from './jwks.ts';
import type { Jwk } from './keys.ts';

export interface AdapterParts {
  readonly clients: Clients;
  readonly mode: Mode;
  readonly kept: Kept;
  /** Of this server: stands for `{origin}` in the registry. */
  readonly origin: string;
  /** The keys behind a client's `jwks_uri`; undefined: none can be had. The library itself fetches nothing. */
  readonly keySets: KeySets;
  /** Grant types of our own, for every client. */
  readonly ownGrantTypes: readonly string[];
}

/** As long as an assertion can be good by anybody's clock. */
const assertionMarkSeconds = assertionLifeSeconds + 2 * clockToleranceSeconds;

export const isPublic = (client: Client): boolean => isApp(client) && client.jwks.keys.length === 0 && client.jwks_uri === undefined;

function metadataOf(client: Client, jwks: Client['jwks'], { origin, ownGrantTypes }: AdapterParts): Payload {
  const app = isApp(client);
  const uris = redirectUrisOf(client, origin);
  return {
    client_id: client.client_id,
    token_endpoint_auth_method: isPublic(client) ? 'none' : 'private_key_jwt',
    grant_types: [
      ...(app ? ['authorization_code', 'refresh_token'] : []),
      ...(isPublic(client) ? [] : ['client_credentials']),
      ...ownGrantTypes,
    ],
    response_types: app ? ['code'] : [],
    redirect_uris: uris,
    application_type: uris.some(uri => !/^https?:/.test(uri)) ? 'native' : 'web',
    ...(isPublic(client) ? {} : { jwks }),
  };
}

/** Of what stands there, the keys that a client may have; keys for other uses are no reason to refuse the rest. */
async function keysAt(uri: string, { keySets }: AdapterParts): Promise<Client['jwks'] | undefined> {
  const keys = new Map<string, Jwk>();
  for (const one of (await keySets(uri, askedKid())) ?? []) {
    let isKey = true;
    const key = publicKey(one, () => {
      isKey = false;
      return undefined as never;
    });
    if (isKey) keys.set(key.kid, key);
  }
  return keys.size === 0 ? undefined : { keys: [...keys.values()] };
}

/** Which key the assertion of this request names, so that one that was published just now is found. It is believed in nothing else. */
function askedKid(): string | undefined {
  const { client_assertion: assertion = '' } = Provider.ctx?.oidc.params ?? {};
  try {
    const { kid } = JSON.parse(Buffer.from(assertion.slice(0, assertion.indexOf('.')), 'base64url').toString()) as { kid?: unknown };
    return typeof kid === 'string' ? kid : undefined;
  } catch {
    return undefined;
  }
}

export function createAdapters(parts: AdapterParts): (model: string) => object {
  const { clients, mode, kept } = parts;
  const clientModel = {
    find: async (id: string) => {
      await clients.fresh();
      const client = clients.find(id);
      if (client === undefined || !client.active || (mode === 'production' && client.kind === 'tester')) return undefined;
      const jwks = client.jwks_uri === undefined ? client.jwks : await keysAt(client.jwks_uri, parts);
      return jwks && metadataOf(client, jwks, parts);
    },
  };
  const replayModel = {
    find: async () => undefined,
    upsert: async (id: string) => {
      if (!(await kept.use('Assertion', id, assertionMarkSeconds)))
        throw new errors.InvalidClientAuth('client assertion tokens must only be used once');
    },
  };
  return model => {
    if (model === 'Client') return clientModel;
    if (model === 'ReplayDetection') return replayModel;
    return {
      find: async (id: string) => kept.find(model, id),
      // A session is found by its cookie, and by its name that never changes.
      findByUid: async (uid: string) => {
        const there = await kept.find('SessionUid', uid);
        return typeof there?.['id'] === 'string' ? kept.find(model, there['id']) : undefined;
      },
      upsert: async (id: string, payload: Payload, lifeSeconds: number) => {
        const of = model === 'Grant' ? payload['clientId'] : undefined;
        await kept.put(model, id, payload, lifeSeconds, typeof of === 'string' ? of : undefined);
        if (model === 'Session' && typeof payload['uid'] === 'string') await kept.put('SessionUid', payload['uid'], { id }, lifeSeconds);
      },
      // The library looks first and consumes then: of two at the same moment one is too late, and that is a second use.
      consume: async (id: string) => {
        if (await kept.use(model, id)) return;
        const grantId = (await kept.find(model, id))?.['grantId'];
        if (typeof grantId === 'string') await kept.drop('Grant', grantId);
        throw new errors.InvalidGrant('it was used already');
      },
      destroy: async (id: string) => kept.drop(model, id),
      revokeByGrantId: async (grantId: string) => kept.drop('Grant', grantId),
    };
  };
}
