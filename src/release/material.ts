/**
 * What a release is made of: its people, and the resources about them, each readable as often as it is needed and kept no longer.
 * @module
 */
import { withheld } from '../deid/deidentify.ts';
import type { Dictionary } from '../deid/text/index.ts';
import type { Access } from '../fhir/model/access.ts';
import type { Version } from '../fhir/model/exchange.ts';
import { parseJson } from '../fhir/model/json.ts';
import { Problem } from '../fhir/model/outcome.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import type { Person, PersonSet, Store } from '../fhir/store/store.ts';
import { knownAbout, registryOf, relativesIn, relativesOf } from './cleaning.ts';
import { type Individual, individual, lastDay, nearlyOld } from './individual.ts';
import type { Series } from './series.ts';
import { Turn } from './turn.ts';
import { type People, people, type Whose, whose } from './whose.ts';

/** A resource that leaves, and whose it is. */
export interface Item {
  readonly type: string;
  /** `Type/id`: what references to it say, and what its pseudonym is drawn from. */
  readonly name: string;
  readonly whose: Whose;
  readonly read: () => AnyResource;
}

export interface Material {
  readonly individuals: readonly Individual[];
  readonly people: People;
  /** Names of staff and institutions; absent where the policy lets no text out. */
  readonly registry?: Dictionary;
  /** Without Patients: they leave once per individual. */
  readonly items: readonly Item[];
}

const parse = (version: Version): AnyResource => parseJson(version.bytes) as AnyResource;

const tooMany = (most: number): Problem =>
  new Problem('too-costly', `This release would hold more than ${most} resources: name fewer types or a smaller cohort.`);

/** Bytes of JSON whose parsed form a release keeps; what is beyond is parsed again when its turn comes. */
const mostKeptBytes = 32 * 1024 * 1024;

/** Collects items under the cap, each resource once, and says nothing of what may not leave. */
export class Collection {
  readonly items = new Map<string, Item>();
  readonly #most: number;
  readonly #base: string;

  constructor(most: number, base: string) {
    this.#most = most;
    this.#base = base;
  }

  /** Whether it leaves. @param read gives the resource again */
  add(name: string, resource: AnyResource, whom: People, read: () => AnyResource): boolean {
    if (resource.resourceType === 'Patient' || withheld(resource)) return false;
    const owner = whose(resource, whom, this.#base);
    if (owner.kind === 'foreign') return false;
    if (this.items.size >= this.#most) throw tooMany(this.#most);
    this.items.set(name, { type: resource.resourceType, name, whose: owner, read });
    return true;
  }
}

/**
 * Everything that a release gives out about the persons of a cohort.
 * @param types resource types that the caller wants; all of them are of the policy's
 * @throws Problem `too-costly`
 */
export async function ofCohort(
  store: Store,
  access: Access,
  cohort: PersonSet,
  types: ReadonlySet<string>,
  series: Series,
  most: number,
): Promise<Material> {
  if (cohort.size > most) throw tooMany(most);
  const individuals: Individual[] = [];
  const versions = new Map<string, Version>();
  const turn = new Turn();
  let keptBytes = 0;
  for await (const person of store.each(access, cohort)) {
    const { known, about } = await read(store, access, person, types, series);
    // An objection came in since the cohort was counted.
    if (known.records.length === 0) continue;
    individuals.push(known);
    for (const version of about) versions.set(`${version.type}/${version.id}`, version);
    if (versions.size > most) throw tooMany(most);
    await turn.pause();
  }
  const whom = people(individuals);
  const collection = new Collection(most, series.base);
  const asked = new Set(versions.keys());
  let fresh: readonly Version[] = [...versions.values()];
  // What nobody's own resources refer to (a Medication, a Device) comes along; so does what that refers to.
  for (let round = 0; round < 4 && fresh.length > 0; round++) {
    const wanted = new Set<string>();
    for (const version of fresh) {
      await turn.pause();
      const name = `${version.type}/${version.id}`;
      const resource = parse(version);
      const keeps = keptBytes + version.bytes.length <= mostKeptBytes;
      if (!collection.add(name, resource, whom, keeps ? () => resource : () => parse(version))) continue;
      if (keeps) keptBytes += version.bytes.length;
      for (const reference of referencesIn(version.bytes.toString(), series.base)) {
        if (!asked.has(reference) && types.has(reference.slice(0, reference.indexOf('/')))) wanted.add(reference);
      }
    }
    for (const reference of wanted) asked.add(reference);
    fresh =
      wanted.size === 0
        ? []
        : (await store.referred(access, [...wanted])).filter(version => !version.deleted && version.type !== 'Patient');
  }
  const registry = series.compiled.cleans ? { registry: await registryOf(store) } : {};
  return { individuals, people: whom, items: [...collection.items.values()], ...registry };
}

async function read(
  store: Store,
  access: Access,
  person: Person,
  types: ReadonlySet<string>,
  series: Series,
): Promise<{ known: Individual; about: Version[] }> {
  const all = series.compiled.types;
  let about = await store.about(access, person, [...new Set(['Patient', ...types])]);
  const patients = new Map(about.filter(version => version.type === 'Patient').map(version => [`Patient/${version.id}`, version]));
  const records = person.records.flatMap(name => patients.get(name) ?? []).map(parse);
  // Whether somebody was ever 90 must not depend on which types are asked for.
  let everything: readonly Version[] = about;
  if (series.compiled.cleans) everything = await store.about(access, person);
  else if (types.size < all.size && nearlyOld(records, series.compiled.policy.pooledFrom, series.today))
    everything = await store.about(access, person, [...all.keys()]);
  let parsed: readonly AnyResource[] | undefined;
  const resources = (): readonly AnyResource[] => (parsed ??= everything.map(parse));
  const relatives = series.compiled.cleans ? await relativesOf(resources(), person.records, series.base, relativesIn(store)) : [];
  const known = individual(
    { anchor: person.anchor, records, names: person.records },
    until => lastDay(resources(), until),
    {
      keys: series.keys,
      compiled: series.compiled,
      today: series.today,
    },
    () => knownAbout(resources(), person.records, relatives),
  );
  about = about.filter(version => version.type !== 'Patient' && types.has(version.type) && !version.deleted);
  return { known, about: [...about] };
}

const reference = /"reference":"([^"]{1,300})"/g;

/** `Type/id` of every literal reference of ours in a stored body. */
function referencesIn(text: string, base: string): string[] {
  return [...text.matchAll(reference)].flatMap(found => {
    const written = found[1]!.startsWith(base + '/') ? found[1]!.slice(base.length + 1) : found[1]!;
    const own = /^([A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64})(?:\/_history\/[^/]+)?$/.exec(written);
    return own === null ? [] : [own[1]!];
  });
}
