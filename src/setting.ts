/**
 * What a setting is, and the kinds that there are: numbers, choices, addresses, lists …, each with its check and the half of a sentence that says what it must be.
 * @module
 */
import { isIP } from 'node:net';

/** A setting that cannot be used. The message is one sentence that names the variable. */
export class WrongSetting extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'WrongSetting';
  }
}

export interface Setting<T> {
  /** Environment variable. */
  readonly variable: string;
  /** Flag of the command line, without `--`. */
  readonly flag: string;
  /** What kind of value, in one word: number, text, URL … */
  readonly type: string;
  /** Default as it is shown. */
  readonly fallback: string;
  readonly unit: string;
  readonly meaning: string;
  /** The value, checked; throws a sentence's second half ("must be …"). */
  readonly read: (given: string | undefined) => T;
}

type Row = Omit<Setting<unknown>, 'flag' | 'type' | 'fallback' | 'read'>;

const flagOf = (variable: string): string => variable.toLowerCase().replaceAll('_', '-');

export const fail = (rule: string): never => {
  throw new Error(rule);
};

export function whole(row: Row, fallback: number, least: number, most: number): Setting<number> {
  const rule = `must be a whole number from ${least} to ${most}`;
  const read = (given = String(fallback)): number => {
    const value = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
    return value >= least && value <= most ? value : fail(rule);
  };
  return { ...row, flag: flagOf(row.variable), type: 'NUMBER', fallback: String(fallback), read };
}

export function oneOf<const T extends string>(row: Row, choices: readonly T[], fallback: NoInfer<T>): Setting<T> {
  const read = (given: string = fallback): T => choices.find(choice => choice === given) ?? fail(`must be ${choices.join(' or ')}`);
  return { ...row, flag: flagOf(row.variable), type: choices.join('|'), fallback, read };
}

export function yesNo(row: Row, fallback: boolean): Setting<boolean> {
  const read = (given = String(fallback)): boolean => (given === 'true' ? true : given === 'false' ? false : fail('must be true or false'));
  return { ...row, flag: flagOf(row.variable), type: 'true|false', fallback: String(fallback), read };
}

/** What a sandbox leaves open and production asks for: undefined until the mode is known. */
export function inProduction(row: Row): Setting<boolean | undefined> {
  const read = (given: string | undefined) => (given === undefined ? undefined : yesNo(row, false).read(given));
  return { ...row, flag: flagOf(row.variable), type: 'true|false', fallback: 'false in sandbox, true in production', read };
}

/** A number whose default hangs on the mode. */
export function optionalWhole(row: Row, fallback: string, least: number, most: number): Setting<number | undefined> {
  const read = (given: string | undefined) => (given === undefined ? undefined : whole(row, least, least, most).read(given));
  return { ...row, flag: flagOf(row.variable), type: 'NUMBER', fallback, read };
}

export function text(row: Row, fallback: string, check: (given: string) => string): Setting<string> {
  return { ...row, flag: flagOf(row.variable), type: 'TEXT', fallback, read: (given = fallback) => check(given) };
}

export function optional(row: Row, fallback: string, type: string, check: (given: string) => string): Setting<string | undefined> {
  return { ...row, flag: flagOf(row.variable), type, fallback, read: given => (given === undefined ? undefined : check(given)) };
}

export function list(row: Row, fallback: string, check: (item: string) => string): Setting<readonly string[] | undefined> {
  const items = (given: string) =>
    Object.freeze(
      given
        .split(',')
        .map(item => item.trim())
        .filter(item => item !== '')
        .map(check),
    );
  return { ...row, flag: flagOf(row.variable), type: 'A,B,…', fallback, read: given => (given === undefined ? undefined : items(given)) };
}

export const filled = (given: string): string => (given.trim() === '' ? fail('must not be empty') : given);

export function webAddress(given: string): string {
  const rule = 'must be an http or https URL without user, query or fragment';
  if (!URL.canParse(given)) return fail(rule);
  const url = new URL(given);
  if (!/^https?:$/.test(url.protocol) || url.username + url.password + url.search + url.hash !== '' || /[?#]/.test(given))
    return fail(rule);
  return (url.origin + url.pathname).replace(/(?<!\/)\/+$/, '');
}

/** As it stands in tokens: nothing is cut off. */
export function issuerName(given: string): string {
  webAddress(given);
  return given;
}

export const contact = (given: string): string =>
  filled(given).length > 200 || /[\p{Cc}]/u.test(given) ? fail('must be one line of at most 200 characters') : given;

/** FHIR stands below a path of its own, so that there is room for other things beside it. */
export function baseAddress(given: string): string {
  const address = webAddress(given);
  return new URL(address).pathname === '/' ? fail('must have a path, such as https://fhir.example/fhir') : address;
}

export function origin(given: string): string {
  if (given === '*') return given;
  return URL.canParse(given) && new URL(given).origin === given ? given : fail('must be *, or origins such as https://app.example');
}

export function appOrigin(given: string): string {
  return given === '*' ? fail('must be origins such as https://fhir.example') : origin(given);
}

export function zone(given: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone: given });
    return given;
  } catch {
    return fail('must be the name of a time zone, such as Asia/Tokyo');
  }
}

export function hostName(given: string): string {
  return /^[A-Za-z0-9.:_-]{1,253}$/.test(given) ? given : fail('must be a host name or an IP address');
}

/** A password in it is no reason to tell it to anybody: a wrong one is not repeated. */
export function mongoAddress(given: string): string {
  return /^mongodb(\+srv)?:\/\/[^/?#\s]+\/[^/?#\s]{1,50}(\?\S*)?$/.test(given)
    ? given
    : fail('must be a mongodb:// URI that names a database, such as mongodb://user:password@host/noren');
}

export function storeName(given: string): string {
  if (/^mongodb(\+srv)?:/.test(given)) return mongoAddress(given);
  return given === 'sqlite' ? given : fail('must be sqlite, or a mongodb:// URI that names a database');
}

export function network(given: string): string {
  const rule = 'must be IP addresses or networks such as 10.0.0.0/8';
  const [address = '', bits, ...rest] = given.split('/');
  const width = isIP(address) === 6 ? 128 : 32;
  if (isIP(address) === 0 || rest.length > 0) return fail(rule);
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= width) ? given : fail(rule);
}
