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
import { type AnyResource, resourceTypes } from '../fhir/model/r4.ts';
import type { Person, PersonSet, Store } from '../fhir/store/store.ts';
import { knownAbout, registryOf, relativesIn, relativesOf } from './cleaning.ts';
import { claimOf, Files } from './files.ts';
import { type Individual, individual, lastDay, nearlyOld } from './individual.ts';
import { keyOf, numbersOf } from './numbers.ts';
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
  /** Where identifiers of items lead. */
  readonly numbers: Numbers;
}

/** By `keyOf`, with the type and without → name of the item that alone has the number; null: several do. */
export type Numbers = ReadonlyMap<string, string | null>;

const parse = (version: Version): AnyResource => parseJson(version.bytes) as AnyResource;

const tooMany = (most: number): Problem =>
  new Problem('too-costly', `This release would hold more than ${most} resources: name fewer types or a smaller cohort.`);

/** Bytes of JSON whose parsed form a release keeps; what is beyond is parsed again when its turn comes. */
const mostKeptBytes = 32 * 1024 * 1024;

/** Bytes of Binaries, as they are stored, that a release holds. */
const mostFileBytes = 256 * 1024 * 1024;
/** Binaries that are read from the store at a time. */
const filesAtOnce = 16;

/** Collects items under the cap, each resource once, and says nothing of what may not leave. */
export class Collection {
  readonly #items = new Map<string, Item>();
  readonly #numbers = new Map<string, string | null>();
  readonly #most: number;
  readonly #base: string;
  /** Absent: no Binary leaves. */
  readonly #files: Files | undefined;
  /** Binaries, until everything is known that points at them. */
  readonly #waiting = new Map<string, Pick<Item, 'read'> & { readonly resource: AnyResource }>();

  /** @param types that leave */
  constructor(most: number, base: string, types: ReadonlySet<string>) {
    this.#most = most;
    this.#base = base;
    this.#files = types.has('Binary') ? new Files() : undefined;
  }

  /** What does not leave says whose files are all the same. */
  pass(name: string, resource: AnyResource, whom: People): void {
    const claim = this.#files === undefined ? undefined : claimOf(name, resource, whom, this.#base, nameOf);
    if (claim !== undefined) this.#files?.claim(claim);
  }

  /** Whether it leaves. @param read gives the resource again */
  add(name: string, resource: AnyResource, whom: People, read: () => AnyResource): boolean {
    if (resource.resourceType === 'Binary') {
      const { data: _, ...rest } = resource;
      if (!withheld(resource)) this.#waiting.set(name, { resource: rest as AnyResource, read });
      return false;
    }
    this.pass(name, resource, whom);
    if (resource.resourceType === 'Patient' || withheld(resource)) return false;
    const owner = whose(resource, whom, this.#base);
    if (owner.kind === 'foreign') return false;
    this.#put({ type: resource.resourceType, name, whose: owner, read });
    for (const number of numbersOf(resource))
      for (const type of [resource.resourceType, undefined]) {
        const key = keyOf(type, number);
        const before = this.#numbers.get(key);
        this.#numbers.set(key, before === undefined || before === name ? name : null);
      }
    return true;
  }

  get numbers(): Numbers {
    return this.#numbers;
  }

  /** Everything that leaves, when all was added. */
  items({ byName }: People): Item[] {
    for (const [name, { resource, read }] of this.#waiting) {
      const owner = this.#files?.owner(name, resource, this.#base, reference => {
        const item = this.#items.get(reference)?.whose;
        const one = byName.get(reference) ?? (item?.kind === 'one' ? item.individual : undefined);
        return one === undefined ? null : nameOf(one);
      });
      const individual = typeof owner === 'string' ? byName.get(owner) : undefined;
      if (individual !== undefined) this.#put({ type: 'Binary', name, whose: { kind: 'one', individual }, read });
    }
    return [...this.#items.values()];
  }

  #put(item: Item): void {
    if (this.#items.size >= this.#most) throw tooMany(this.#most);
    this.#items.set(item.name, item);
  }
}

/** A name of a person, by which he is found among all. */
const nameOf = ({ names }: Individual): string => names[0]!;

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
  const claiming: Version[] = [];
  const turn = new Turn();
  let keptBytes = 0;
  let fileBytes = 0;
  const held = (found: readonly Version[]): readonly Version[] => {
    for (const version of found) if (version.type === 'Binary') fileBytes += version.bytes.length;
    if (fileBytes > mostFileBytes)
      throw new Problem(
        'too-costly',
        `This release would hold more than ${mostFileBytes / 1024 / 1024} MiB of files: name fewer types or a smaller cohort.`,
      );
    return found;
  };
  for await (const person of store.each(access, cohort)) {
    const { known, about, pointing } = await read(store, access, person, types, series);
    // An objection came in since the cohort was counted.
    if (known.records.length === 0) continue;
    individuals.push(known);
    for (const version of held(about)) versions.set(`${version.type}/${version.id}`, version);
    claiming.push(...pointing);
    if (versions.size + claiming.length > most) throw tooMany(most);
    await turn.pause();
  }
  const whom = people(individuals);
  const collection = new Collection(most, series.base, types);
  for (const { records } of individuals) for (const record of records) collection.pass(`Patient/${record.id}`, record, whom);
  for (const version of claiming) {
    await turn.pause();
    collection.pass(`${version.type}/${version.id}`, parse(version), whom);
  }
  const asked = new Set(versions.keys());
  let fresh: readonly Version[] = [...versions.values()];
  // What nobody's own resources refer to (a Medication, a Device) comes along; so does what that refers to.
  for (let round = 0; round < 4 && fresh.length > 0; round++) {
    const wanted = new Set<string>();
    for (const version of fresh) {
      await turn.pause();
      const name = `${version.type}/${version.id}`;
      const resource = parse(version);
      const keeps = version.type !== 'Binary' && keptBytes + version.bytes.length <= mostKeptBytes;
      if (!collection.add(name, resource, whom, keeps ? () => resource : () => parse(version))) continue;
      if (keeps) keptBytes += version.bytes.length;
      for (const reference of referencesIn(version.bytes.toString(), series.base)) {
        if (!asked.has(reference) && types.has(reference.slice(0, reference.indexOf('/')))) wanted.add(reference);
      }
    }
    for (const reference of wanted) asked.add(reference);
    const files = [...wanted].filter(reference => reference.startsWith('Binary/'));
    const others = [...wanted].filter(reference => !reference.startsWith('Binary/'));
    const found = others.length === 0 ? [] : [...(await store.referred(access, others))];
    for (let at = 0; at < files.length; at += filesAtOnce)
      found.push(...held(await store.referred(access, files.slice(at, at + filesAtOnce))));
    fresh = found.filter(version => !version.deleted && version.type !== 'Patient');
  }
  const registry = series.compiled.cleans ? { registry: await registryOf(store) } : {};
  return { individuals, people: whom, items: collection.items(whom), numbers: collection.numbers, ...registry };
}

/** What a text that points at a Binary has in it. */
const toFile = Buffer.from('Binary');

/** A file tells no date and no name that is read here. */
const withoutFiles = (types: Iterable<string>): string[] => [...types].filter(type => type !== 'Binary');
const allButFiles = withoutFiles(resourceTypes);

/** @returns beside what is about the person and of these types, what else points at files */
async function read(
  store: Store,
  access: Access,
  person: Person,
  types: ReadonlySet<string>,
  series: Series,
): Promise<{ known: Individual; about: Version[]; pointing: Version[] }> {
  const all = series.compiled.types;
  let about = await store.about(access, person, [...new Set(['Patient', ...types])]);
  const patients = new Map(about.filter(version => version.type === 'Patient').map(version => [`Patient/${version.id}`, version]));
  const records = person.records.flatMap(name => patients.get(name) ?? []).map(parse);
  // Whether somebody was ever 90, and whose a Binary is, must not depend on which types are asked for.
  let everything: readonly Version[] = about;
  const files = types.has('Binary');
  if (series.compiled.cleans) everything = await store.about(access, person, allButFiles);
  else if (types.size < all.size && (files || nearlyOld(records, series.compiled.policy.pooledFrom, series.today)))
    everything = await store.about(access, person, withoutFiles(all.keys()));
  let parsed: readonly AnyResource[] | undefined;
  const resources = (): readonly AnyResource[] => (parsed ??= everything.filter(version => version.type !== 'Binary').map(parse));
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
  const pointing = everything.filter(
    ({ type, deleted, bytes }) =>
      files && !deleted && type !== 'Patient' && type !== 'Binary' && !types.has(type) && bytes.includes(toFile),
  );
  return { known, about: [...about], pointing };
}

const reference = /"(reference|url)":"([^"]{1,300})"/g;

/** `Type/id` of every literal reference of ours in a stored body, and of every Binary that is the file of an Attachment. */
function referencesIn(text: string, base: string): string[] {
  return [...text.matchAll(reference)].flatMap(found => {
    const written = found[2]!.startsWith(base + '/') ? found[2]!.slice(base.length + 1) : found[2]!;
    if (found[1] === 'url' && !written.startsWith('Binary/')) return [];
    const own = /^([A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64})(?:\/_history\/[^/]+)?$/.exec(written);
    return own === null ? [] : [own[1]!];
  });
}
