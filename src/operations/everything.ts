/**
 * $everything: what is in the compartment of a Patient, of an Encounter, or of a Group's patients, and what that refers to; paged by snapshot.
 * It is one search under the caller's Access: what he may not search is not in it, and what he may not read is not brought along.
 * Definitions: profiles/OperationDefinition-*-everything.json; R4: https://hl7.org/fhir/R4/patient-operation-everything.html,
 * https://hl7.org/fhir/R4/encounter-operation-everything.html, https://hl7.org/fhir/R4/group-operation-everything.html
 * @module
 */
import { bundleBytes, fullUrlOf } from '../fhir/interactions/bundle.ts';
import { openLink, sealPage, urlOf } from '../fhir/interactions/page.ts';
import { patientsOf } from '../fhir/interactions/patients.ts';
import { readable, searchableTypes } from '../fhir/interactions/searchable.ts';
import { type Access, askedFor, permits } from '../fhir/model/access.ts';
import { Problem } from '../fhir/model/outcome.ts';
import { type AnyResource, isResourceType, resourceTypes } from '../fhir/model/r4.ts';
import type { Sealer } from '../fhir/model/seal.ts';
import { dateCodes } from '../fhir/search/clinical-date.ts';
import { compartmentTypes } from '../fhir/search/compartment.ts';
import { dateReader } from '../fhir/search/dates.ts';
import type { parseSearch } from '../fhir/search/parse.ts';
import type { Include, Part, Predicate, SearchQuery } from '../fhir/search/query.ts';
import type { Cursor, Store } from '../fhir/store/store.ts';
import { type At, definitionOf, type Given, type Operation } from './operation.ts';

export interface EverythingParts {
  readonly store: Store;
  readonly parseSearch: typeof parseSearch;
  readonly sealer: Sealer;
  readonly baseUrl: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly settings: { readonly maxCount: number; readonly timeZone: string };
}

/** What a page link carries. */
interface Asked {
  readonly count: number;
  readonly start?: string;
  readonly end?: string;
  /** Milliseconds. */
  readonly since?: number;
  readonly types?: readonly string[];
  readonly cursor?: Cursor;
}

/** Members of a Group whose records one call may give. */
const maxMembers = 1000;

/** Types that stand in nobody's compartment: staff, institutions, medication, places. What is referred to is brought along from one to the next of them. */
const outside = resourceTypes.filter(type => !compartmentTypes('Patient').includes(type));
const referred: Include = { source: '*', code: '*', among: outside, iterate: true };
/** An encounter brings its patient, its diagnoses and its like along too. */
const ofEncounter: Include = { source: '*', code: '*' };

const refuse = (name: string, why: string): Problem =>
  new Problem('invalid-parameter', `The parameter ${name} ${why}.`, { expression: `Parameters.parameter.where(name='${name}')` });

const textOf = (given: Given, name: string): string | undefined => given.get(name)?.[0] as string | undefined;

export function everything(parts: EverythingParts): readonly Operation[] {
  const { store, baseUrl, settings } = parts;

  function ask(given: Given): Asked {
    const count = (given.get('_count')?.[0] as number | undefined) ?? settings.maxCount;
    if (count < 1) throw refuse('_count', 'is a number from 1 on');
    for (const name of ['start', 'end']) {
      const text = textOf(given, name);
      if (text !== undefined && dateReader(settings.timeZone)(text) === undefined) throw refuse(name, 'is a date');
    }
    const [start, end, written] = [textOf(given, 'start'), textOf(given, 'end'), textOf(given, '_since')];
    const since = written === undefined ? undefined : instant(written);
    if (written !== undefined && since === undefined) throw refuse('_since', 'is an instant with its zone');
    const types = given.get('_type')?.flatMap(text => (text as string).split(',').map(type => type.trim()));
    if (types && !types.every(isResourceType)) throw refuse('_type', 'names resource types');
    return {
      count: Math.min(count, settings.maxCount),
      ...(start === undefined ? {} : { start }),
      ...(end === undefined ? {} : { end }),
      ...(since === undefined ? {} : { since }),
      ...(types === undefined ? {} : { types }),
    };
  }

  /** A resource that must be there for the caller, by the right to read it. */
  async function read(access: Access, type: string, id: string): Promise<AnyResource> {
    if (!permits(access, 'r', type)) throw new Problem('forbidden');
    const version = await store.read(askedFor(access, 'r', type), type, id);
    if (version === undefined) throw new Problem('not-found');
    if (version.deleted) throw new Problem('deleted');
    return JSON.parse(version.bytes.toString()) as AnyResource;
  }

  /** ids of the resources whose compartments are asked for. */
  async function centre(type: string, id: string | undefined, access: Access): Promise<readonly string[]> {
    const own = access.agent.patient?.slice('Patient/'.length);
    const one = id ?? own;
    if (one === undefined) throw new Problem('invalid-request', 'The token names no patient: ask for the record of one, by id.');
    const resource = await read(access, type, one);
    if (type !== 'Group') return [one];
    const members = Array.isArray(resource['member'])
      ? (resource['member'] as { entity?: { reference?: string }; inactive?: boolean }[])
      : [];
    const ids = members.flatMap(({ entity, inactive }) =>
      inactive === true ? [] : (/^Patient\/([A-Za-z0-9\-.]{1,64})$/.exec(entity?.reference ?? '')?.[1] ?? []),
    );
    if (ids.length > maxMembers) throw new Problem('too-costly', `A Group of more than ${maxMembers} members is too much for one answer.`);
    return [...new Set(ids)];
  }

  /** Each part once for every way to lie between the two days, and once for what has no date. */
  function between({ type, where }: Part, { start, end }: Asked, options: Parameters<typeof parseSearch>[2]): Part[] {
    if (start === undefined && end === undefined) return [{ type, where }];
    const codes = dateCodes(type);
    const missing = codes.map((code): Predicate => ({ kind: 'missing', code, missing: true }));
    // Whatever has an instant in common with the days from the first to the last.
    const read = dateReader(settings.timeZone);
    const instants = [
      ...(start === undefined ? [] : [`gt${new Date(read(start)![0] - 1).toISOString()}`]),
      ...(end === undefined ? [] : [`lt${new Date(read(end)![1] + 1).toISOString()}`]),
    ];
    const dated = codes.map((code, i): Part => {
      const days = instants.map((text): readonly [string, string] => [code, text]);
      return { type, where: [...where, ...missing.slice(0, i), ...parts.parseSearch(type, days, options).query.where] };
    });
    return [...dated, { type, where: [...where, ...missing] }];
  }

  async function run(given: Given, granted: Access, { type = '', id }: At) {
    const path = `${type}${id === undefined ? '' : `/${id}`}/$everything`;
    const linking = { ...parts, access: granted };
    const page = textOf(given, '_page');
    if (page !== undefined && given.size > 1) throw refuse('_page', 'takes no other beside it');
    const asked = page === undefined ? ask(given) : (openLink(path, page, linking) as Asked);
    const ids = await centre(type, id, granted);
    const access = readable(askedFor(granted, 's', ''));
    const compartment = type === 'Encounter' ? 'Encounter' : 'Patient';
    const members = compartmentTypes(compartment);
    const options = { defaultCount: asked.count, maxCount: asked.count, base: baseUrl, timeZone: settings.timeZone, now: parts.now() };
    const types = [...new Set([compartment, ...searchableTypes(access).filter(one => members.includes(one))])];
    const { query } = parts.parseSearch({ types, within: { compartment, ids } }, [], options);
    const whole: SearchQuery = {
      ...query,
      parts: query.parts!.flatMap(part => between(part, asked, options)),
      include: type === 'Encounter' ? [ofEncounter, referred] : [referred],
      whole: { ...(asked.types ? { types: asked.types } : {}), ...(asked.since === undefined ? {} : { since: asked.since }) },
    };
    const { matches, total, next } = await store.search(access, whole, asked.cursor);
    const { cursor: _, ...again } = asked;
    const link = [
      { relation: 'self', url: page === undefined ? selfOf(path, given, asked, linking) : urlOf(path, [['_page', page]], linking) },
      ...(next ? [{ relation: 'next', url: sealPage(path, { ...again, cursor: next } satisfies Asked, linking) }] : []),
    ];
    const bytes = bundleBytes(
      { type: 'searchset', ...(total === undefined ? {} : { total }), link },
      matches.map(version => ({ fullUrl: fullUrlOf(baseUrl, version), resource: version.bytes, rest: { search: { mode: 'match' } } })),
    );
    return { status: 200, bytes, patients: patientsOf(matches) };
  }

  return ['Encounter', 'Group', 'Patient'].map(type => ({ definition: definitionOf(`${type}-everything`), run }));
}

/** What was used, as a URL would have it. */
function selfOf(path: string, given: Given, { count }: Asked, base: { readonly baseUrl: string }): string {
  const pairs = [...given].flatMap(([name, values]) =>
    values.map((value): readonly [string, string] => [name, name === '_count' ? String(count) : String(value)]),
  );
  return urlOf(path, pairs, base);
}

/** Milliseconds of an instant; undefined: it is none. */
function instant(text: string): number | undefined {
  // In a URL a plus sign is a blank unless it is escaped, which many forget.
  const written = text.replace(/ (?=\d\d:\d\d$)/, '+');
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(written)) return undefined;
  const ms = Date.parse(written);
  return Number.isNaN(ms) ? undefined : ms;
}
