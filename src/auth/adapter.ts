/**
 * What oidc-provider keeps and asks for, one adapter per model: clients come from the registry, used assertions are marked, all else is kept.
 * A grant that is gone takes its code and its tokens along: nothing that came of it is good without it.
 * https://github.com/panva/node-oidc-provider/blob/main/example/my_adapter.js
 * @module
 */
import { errors } from 'oidc-provider';
import { type Client, type Clients, isApp, type Mode, redirectUrisOf } from './clients.ts';
import type { Kept, Payload } from './kept.ts';
import type { Marks } from './marks.ts';

export interface AdapterParts {
  readonly clients: Clients;
  readonly mode: Mode;
  readonly assertions: Marks;
  readonly kept: Kept;
  /** Of this server: stands for `{origin}` in the registry. */
  readonly origin: string;
  /** Grant types of our own, for every client. */
  readonly ownGrantTypes: readonly string[];
}

export const isPublic = (client: Client): boolean => isApp(client) && client.jwks.keys.length === 0;

function metadataOf(client: Client, { origin, ownGrantTypes }: AdapterParts): Payload {
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
    ...(isPublic(client) ? {} : { jwks: client.jwks }),
  };
}

export function createAdapters(parts: AdapterParts): (model: string) => object {
  const { clients, mode, assertions, kept } = parts;
  const clientModel = {
    find: async (id: string) => {
      const client = clients.find(id);
      if (client === undefined || !client.active || (mode === 'production' && client.kind === 'tester')) return undefined;
      return metadataOf(client, parts);
    },
  };
  const replayModel = {
    find: async () => undefined,
    upsert: async (id: string) => {
      if (!assertions.claim(id)) throw new errors.InvalidClientAuth('client assertion tokens must only be used once');
    },
  };
  return model => {
    if (model === 'Client') return clientModel;
    if (model === 'ReplayDetection') return replayModel;
    return {
      find: async (id: string) => kept.find(model, id),
      // A session is found by its cookie, and by its name that never changes.
      findByUid: async (uid: string) => {
        const there = kept.find('SessionUid', uid);
        return typeof there?.['id'] === 'string' ? kept.find(model, there['id']) : undefined;
      },
      upsert: async (id: string, payload: Payload, lifeSeconds: number) => {
        kept.put(model, id, payload, lifeSeconds);
        if (model === 'Session' && typeof payload['uid'] === 'string') kept.put('SessionUid', payload['uid'], { id }, lifeSeconds);
      },
      // The library looks first and consumes then: of two at the same moment one is too late, and that is a second use.
      consume: async (id: string) => {
        if (kept.use(model, id)) return;
        const grantId = kept.find(model, id)?.['grantId'];
        if (typeof grantId === 'string') kept.drop('Grant', grantId);
        throw new errors.InvalidGrant('it was used already');
      },
      destroy: async (id: string) => kept.drop(model, id),
      revokeByGrantId: async (grantId: string) => kept.drop('Grant', grantId),
    };
  };
}
