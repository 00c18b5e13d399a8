/**
 * Who may sign in to an app, as whom, and for which patients. A file that the command line writes too: it is read again when it has changed.
 * SMART: https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html#scopes-for-requesting-identity-data (fhirUser)
 * @module
 */
import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import path from 'node:path';
import { literal } from '../fhir/model/reference.ts';
import { readJson, writeOwnerOnly } from './files.ts';
import { matches } from './password.ts';
import type { Person } from './roles.ts';
import { type Tries, triesOfOne } from './tries.ts';

/** One row, as it stands in the file. Who signs in elsewhere has no password here, but the `sub` by which the other side knows him. */
export interface Account extends Person {
  /** `sub` of the tokens: says nothing and never changes. */
  readonly id: string;
  readonly login?: string;
  /** `scrypt$…` */
  readonly password?: string;
  /** `sub` at the OpenID provider that signs in for us. */
  readonly upstream?: string;
  /** `Patient/<id>`: himself and those he acts for. Empty for staff. */
  readonly patients: readonly string[];
  readonly active: boolean;
}

export interface Accounts {
  find(id: string): Account | undefined;
  findUpstream(sub: string): Account | undefined;
  /** The account, or undefined for an unknown name, a wrong password, one that is locked or switched off: all alike. */
  signIn(login: string, password: string): Promise<Account | undefined>;
}

export const accountsFile = (dataDir: string): string => path.join(dataDir, 'auth', 'accounts.json');

const isLogin = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/.test(text);
const isReference = (text: unknown, ...types: string[]): boolean => {
  const found = typeof text === 'string' ? literal(text) : undefined;
  return found !== undefined && found.versionId === undefined && types.includes(found.type) && text === `${found.type}/${found.id}`;
};

/** @throws Error with one sentence that names the row and the member, never its value */
function checked(json: unknown, place: string): Account {
  const fail = (member: string, rule: string): never => {
    throw new Error(`${place}.${member} ${rule}.`);
  };
  const it = (typeof json === 'object' && json !== null ? json : {}) as { [member: string]: unknown };
  if (typeof it['id'] !== 'string' || !/^[\w-]{1,64}$/.test(it['id'])) fail('id', 'must be letters, digits and hyphens');
  if (it['login'] !== undefined && !(typeof it['login'] === 'string' && isLogin(it['login'])))
    fail('login', 'must be up to 64 letters, digits, dots, hyphens, @ and underscores');
  if (it['password'] !== undefined && !/^scrypt(\$\d+){3}(\$[\w-]+){2}$/.test(String(it['password'])))
    fail('password', 'must be a scrypt hash');
  if (it['upstream'] !== undefined && typeof it['upstream'] !== 'string') fail('upstream', 'must be a text');
  if (!isReference(it['fhirUser'], 'Patient', 'RelatedPerson', 'Practitioner', 'PractitionerRole', 'Person'))
    fail('fhirUser', 'must be a reference to a Patient, RelatedPerson, Practitioner, PractitionerRole or Person');
  if (!Array.isArray(it['patients']) || !it['patients'].every(one => isReference(one, 'Patient')))
    fail('patients', 'must be a list of references to Patients');
  if (it['organization'] !== undefined && !isReference(it['organization'], 'Organization'))
    fail('organization', 'must be a reference to an Organization');
  if (typeof it['active'] !== 'boolean') fail('active', 'must be true or false');
  return json as Account;
}

function accountsIn(file: string): readonly Account[] {
  const { accounts = [] } = (readJson(file) ?? {}) as { accounts?: unknown };
  if (!Array.isArray(accounts)) throw new Error(`${file} must hold a list "accounts".`);
  return accounts.map((one, i) => checked(one, `${file}: accounts[${i}]`));
}

/** Adds an account, or takes the place of the one with the same login. Its `sub` stays. */
export function putAccount(file: string, account: Omit<Account, 'id' | 'active'>): void {
  if (account.login !== undefined && !isLogin(account.login))
    throw new Error('A login is up to 64 letters, digits, dots, hyphens, @ and underscores.');
  const all = accountsIn(file);
  const old = all.find(one => one.login !== undefined && one.login === account.login);
  const next: Account = { id: old?.id ?? randomUUID(), ...account, active: true };
  writeOwnerOnly(file, { accounts: [...all.filter(one => one !== old), next] });
}

/**
 * The accounts of a file, read again when it changes. A change that cannot be read is told, and the accounts stay as they were.
 * @throws Error with one sentence when the file cannot be read at first
 */
export function openAccounts(
  file: string,
  now: () => number,
  onBug: (error: Error) => void = () => {},
  tries: Tries = triesOfOne(now),
): Accounts {
  let stamp: string | undefined;
  let byId = new Map<string, Account>();
  const all = (): ReadonlyMap<string, Account> => {
    const stat = statSync(file, { throwIfNoEntry: false });
    const next = stat === undefined ? 'none' : `${stat.mtimeMs} ${stat.ino} ${stat.size}`;
    if (next === stamp) return byId;
    try {
      byId = new Map(accountsIn(file).map(account => [account.id, account]));
    } catch (error) {
      if (stamp === undefined) throw error;
      onBug(error as Error);
    }
    stamp = next;
    return byId;
  };
  all();
  return {
    find: id => all().get(id),
    findUpstream: sub => [...all().values()].find(({ upstream }) => upstream === sub),
    async signIn(login, password) {
      const account = [...all().values()].find(one => one.login !== undefined && one.login === login);
      const giveBack = await tries.take(login);
      const right = await matches(password.slice(0, 1024), giveBack && account?.active ? account.password : undefined);
      if (right) await giveBack!();
      return right ? account : undefined;
    },
  };
}
