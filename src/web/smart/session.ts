/**
 * What a page keeps between two loads: in the tab's own storage, which ends with the tab. Never in localStorage, never in a cookie.
 * SMART: https://hl7.org/fhir/smart-app-launch/best-practices.html (a public client keeps its tokens short)
 * @module
 */
import type { Configuration } from './discovery.ts';

export interface Session {
  readonly iss: string;
  readonly clientId: string;
  readonly configuration: Configuration;
  readonly accessToken: string;
  readonly refreshToken?: string;
  /** Id of the Patient in context. */
  readonly patient?: string;
  /** `Patient/1`, `RelatedPerson/2`, `Organization/3`: who signed in, where the server says so. */
  readonly user?: string;
  /** As granted. */
  readonly scope: string;
}

/** What was sent to the authorization server, for when the browser comes back. */
export interface Pending {
  readonly iss: string;
  readonly clientId: string;
  readonly configuration: Configuration;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly redirectUri: string;
  readonly isOpenId: boolean;
}

interface Kept {
  readonly session: Session;
  readonly pending: Pending;
  /** Where the user was, and what was chosen there. */
  readonly view: { readonly name: string; readonly draft?: unknown };
  /** Somebody has signed out here: the next one is asked who it is. */
  readonly ended: true;
}

const keyOf = (app: string, name: string): string => `${app}:${name}`;

/** @param app each page has its own: a desk's session is no patient's */
export function createKeep(app: string, storage: Storage) {
  return {
    get<K extends keyof Kept>(name: K): Kept[K] | undefined {
      const text = storage.getItem(keyOf(app, name));
      try {
        return text === null ? undefined : (JSON.parse(text) as Kept[K]);
      } catch {
        return undefined;
      }
    },
    set<K extends keyof Kept>(name: K, value: Kept[K]): void {
      storage.setItem(keyOf(app, name), JSON.stringify(value));
    },
    drop(...names: readonly (keyof Kept)[]): void {
      for (const name of names) storage.removeItem(keyOf(app, name));
    },
  };
}

export type Keep = ReturnType<typeof createKeep>;
