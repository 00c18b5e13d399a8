/**
 * What the terminology operations have in common: which code system, value set or map is meant, which codes are sent, and what is refused by all.
 * R4: https://hl7.org/fhir/R4/terminology-service.html
 * @module
 */
import type { Access } from '../fhir/model/access.ts';
import type { Answer } from '../fhir/model/exchange.ts';
import { Problem } from '../fhir/model/outcome.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { validate } from '../fhir/profile/validate.ts';
import type { Store } from '../fhir/store/store.ts';
import { isUnderstood } from '../fhir/store/stored.ts';
import { foundIn } from '../fhir/store/terminology.ts';
import { writeCanonical } from '../fhir/terminology/canonical.ts';
import type { System } from '../fhir/terminology/code-system.ts';
import type { Knowledge } from '../fhir/terminology/knowledge.ts';
import type { Found, Kind, Kinds } from '../fhir/terminology/source.ts';
import type { Sent } from '../fhir/terminology/validate-code.ts';
import type { At, Given } from './operation.ts';

export interface TerminologyParts {
  readonly store: Store;
  /** What of terminology is known to somebody. */
  readonly knowledge: (access: Access) => Knowledge;
}

/** R4: https://hl7.org/fhir/R4/extensibility.html#modifierExtension */
const notUnderstood = (kind: Kind): Problem =>
  new Problem(
    'business-rule',
    `The ${kind} has a modifier extension or implicit rules, which may turn its meaning round, and none are known here.`,
  );

export const wrong = (name: string, text: string): Problem =>
  new Problem('invalid-parameter', text, { expression: `Parameters.parameter.where(name='${name}')` });

export const notHere = (text: string): Problem => new Problem('not-found', text);

/** The value of a parameter that is given at most once. */
export const one = <T>(given: Given, name: string): T | undefined => given.get(name)?.[0] as T | undefined;

/** The parameters of these names, as they are given. */
export const pick = (given: Given, names: readonly string[]): Json =>
  Object.fromEntries(names.flatMap(name => (given.has(name) ? [[name, one(given, name)]] : [])));

/** What nobody could answer truly here is refused, not passed over. */
export function refuse(given: Given, ...names: readonly string[]): void {
  for (const name of names) if (given.has(name)) throw wrong(name, `The parameter ${name} is not supported.`);
}

export const parametersOf = (parameter: readonly Json[]): Answer => ({
  status: 200,
  resource: { resourceType: 'Parameters', ...(parameter.length > 0 ? { parameter: [...parameter] } : {}) },
});

/** Parameters by which a resource can be named, where the operation is not called on one: the resource itself, or its canonical. */
interface Names {
  readonly inline?: string;
  readonly url?: string;
  readonly version?: string;
}

/**
 * The resource that a call is about; undefined: it names none.
 * @throws Problem `not-found` when it is not here, `invalid-parameter` when it is named twice
 */
export async function meant<K extends Kind>(
  kind: K,
  given: Given,
  at: At,
  { inline = '', url = '', version = '' }: Names,
  access: Access,
  { store, knowledge }: TerminologyParts,
): Promise<Found<Kinds[K]> | undefined> {
  if (at.id !== undefined) {
    const stored =
      at.versionId === undefined ? await store.read(access, kind, at.id) : await store.version(access, kind, at.id, at.versionId);
    if (stored === undefined) throw new Problem('not-found');
    if (stored.deleted) throw new Problem('deleted');
    if (!isUnderstood(stored.bytes)) throw notUnderstood(kind);
    return foundIn<K>(stored);
  }
  if (given.has(inline) && given.has(url)) throw wrong(url, `The ${kind} is named in more than one way.`);
  const resource = one<AnyResource>(given, inline);
  if (resource !== undefined) {
    const findings = validate(resource);
    if (findings.length > 0) throw Problem.of(findings);
    if (!isUnderstood(JSON.stringify(resource))) throw notUnderstood(kind);
    return { key: '', open: () => resource as unknown as Kinds[K] };
  }
  const canonical = one<string>(given, url);
  if (canonical === undefined) return undefined;
  const named = writeCanonical(canonical, one(given, version));
  const known = knowledge(access);
  const found = kind === 'ValueSet' ? await known.valueSet(named) : await known.source.find(kind, named);
  if (found === undefined) throw notHere(`There is no such ${kind} here.`);
  return found as Found<Kinds[K]>;
}

/** A code system by its canonical. @throws Problem `not-found` */
export async function systemBy(canonical: string, knowledge: Knowledge): Promise<System> {
  const system = await knowledge.system(canonical);
  if (system === undefined) throw notHere('There is no such CodeSystem here.');
  return system;
}

const text = (json: Json, element: string, name: string): string | undefined => {
  const value = json[element];
  if (value !== undefined && (typeof value !== 'string' || value.trim() === '')) throw wrong(name, `${name}.${element} is a text.`);
  return value as string | undefined;
};

function sentIn(coding: Json, name: string): Sent {
  const code = text(coding, 'code', name);
  if (code === undefined) throw wrong(name, `${name}.code is required.`);
  const [system, version, display] = ['system', 'version', 'display'].map(element => text(coding, element, name));
  return {
    ...(system === undefined ? {} : { system }),
    ...(version === undefined ? {} : { version }),
    code,
    ...(display === undefined ? {} : { display }),
  };
}

/** The coding of a parameter; undefined: it is not given. */
export function codingIn(given: Given, name: string): Sent | undefined {
  const coding = one<Json>(given, name);
  return coding && sentIn(coding, name);
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Codings of one CodeableConcept. */
const mostCodings = 100;

/** The codings of a CodeableConcept. */
export function codingsOf(concept: Json, name: string): readonly Sent[] {
  const { coding } = concept;
  if (!Array.isArray(coding) || coding.length === 0 || !coding.every(isObject)) throw wrong(name, `${name}.coding is required.`);
  if (coding.length > mostCodings)
    throw new Problem('too-costly', `A CodeableConcept may have ${mostCodings} codings here.`, { expression: name });
  return coding.map(one => sentIn(one, `${name}.coding`));
}

/**
 * The codes that are sent, in one of three ways: code (with system and version), coding, codeableConcept.
 * @param names of the parameters that go with code
 * @param system of a code that names none itself
 */
export function sentCodes(given: Given, names: { readonly system?: string; readonly version: string }, system?: string): readonly Sent[] {
  const ways = ['code', 'coding', 'codeableConcept'].filter(name => given.has(name));
  if (ways.length !== 1) throw wrong(ways[1] ?? 'code', 'One of the parameters code, coding and codeableConcept is required.');
  const coding = codingIn(given, 'coding');
  if (coding) return [coding];
  const concept = one<Json>(given, 'codeableConcept');
  if (concept) return codingsOf(concept, 'codeableConcept');
  const named = names.system === undefined ? system : one<string>(given, names.system);
  if (named === undefined && names.system !== undefined) throw wrong(names.system, `The parameter ${names.system} goes with code.`);
  const version = one<string>(given, names.version);
  const display = one<string>(given, 'display');
  return [
    {
      ...(named === undefined ? {} : { system: named }),
      ...(version === undefined ? {} : { version }),
      code: one<string>(given, 'code')!,
      ...(display === undefined ? {} : { display }),
    },
  ];
}
