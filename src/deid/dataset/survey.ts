/**
 * The first pass: how many persons have each look (a code, or several codes of one concept, at its place), how measured values spread, which looks go together. Persons are counted, never resources.
 * What is kept of persons is bounded by k for each look and each thing measured, not by how many persons or resources come. Surveys of several workers put together are the survey of everybody.
 * @module
 */
import type { AnyResource, Json } from '../../fhir/model/r4.ts';
import { Combinations, type CombinationsJson } from './combinations.ts';
import { Few, type FewJson, token } from './few.ts';
import { amountOf, keyOf, keyOfConcept, keyOfNormal, keyOfUnit } from './keys.ts';
import { Measured, type MeasuredJson } from './measured.ts';
import { type Spot, type Visitor, walk } from './walk.ts';

export interface SurveyOptions {
  /** Persons who must share what leaves; 10 unless told. */
  readonly k?: number;
  /** Places whose looks are counted in pairs for the report; none: no pairs. */
  readonly combine?: readonly string[];
  /** Pairs that are counted at most; beyond, a share of all pairs is, drawn by hash. 262,144 unless told. */
  readonly mostPairs?: number;
  /** The person's own traits (age band, sex, prefecture), counted with each look of `combine`; absent: no such pairs. */
  readonly traits?: (resources: readonly AnyResource[]) => string | undefined;
  /** Is told of each person when all of his looks are known: for a further pass that wants one row per person. */
  readonly row?: (row: PersonRow) => void;
}

/** Of one person, when he has been seen: what a row of fixed width is made of. The array is used again for the next person. */
export interface PersonRow {
  readonly person: string;
  /** Numbers of his looks in this survey, in the order met. `Survey.look` says what they are. */
  readonly looks: readonly number[];
  readonly resources: readonly AnyResource[];
}

/** Diagnoses, procedures, allergies, vaccines, drugs: what somebody may know of a neighbour. */
export const clinical: readonly string[] = [
  'Condition.code',
  'Procedure.code',
  'AllergyIntolerance.code',
  'Immunization.vaccineCode',
  'MedicationRequest.medication',
  'MedicationStatement.medication',
  'MedicationAdministration.medication',
];

export interface Look {
  readonly number: number;
  readonly place: string;
  /** Look that it is a value of; absent: it stands for itself. */
  readonly owner?: Look;
  readonly key: string;
  readonly trace: boolean;
  readonly few: Few;
  /** Persons (of those who come in pieces: pieces). */
  persons: number;
  seen: number;
  /** Values that are measured of it, by place and unit. */
  readonly measured: Map<string, Thing>;
  /** Reference ranges → who has one like it. */
  readonly normals: Map<string, Few>;
}

export interface Thing {
  readonly place: string;
  readonly unit: string;
  readonly trace: boolean;
  readonly measured: Measured;
  seen: number;
  least: number;
  greatest: number;
}

export interface SurveyJson {
  readonly k: number;
  readonly persons: number;
  readonly resources: number;
  readonly looks: readonly {
    readonly place: string;
    readonly owner?: number;
    readonly key: string;
    readonly trace: boolean;
    readonly few: FewJson;
    readonly persons: number;
    readonly measured: readonly {
      readonly place: string;
      readonly unit: string;
      readonly trace: boolean;
      readonly measured: MeasuredJson;
    }[];
    readonly normals: readonly (readonly [string, FewJson])[];
  }[];
  readonly combinations: CombinationsJson;
}

const never = -1;

export class Survey {
  readonly k: number;
  readonly #options: SurveyOptions;
  readonly #combine: ReadonlySet<string>;
  readonly #looks: Look[] = [];
  /** Place → owner (−1: none) → key → look. */
  readonly #at = new Map<string, Map<number, Map<string, Look>>>();
  readonly #combinations: Combinations;
  /** Measured things that belong to no code hang on this look. */
  readonly #nobody: Look;
  #persons = 0;
  #resources = 0;
  #token = 0;
  readonly #met: Look[] = [];
  readonly #things: Thing[] = [];
  readonly #visitor: Visitor<Look>;

  /** @throws RangeError for a k below 2 */
  constructor(options: SurveyOptions = {}) {
    this.#options = options;
    this.k = options.k ?? 10;
    if (!Number.isInteger(this.k) || this.k < 2) throw new RangeError('k must be a whole number from 2 on');
    this.#combine = new Set(options.combine ?? []);
    this.#combinations = new Combinations(options.mostPairs ?? 262_144);
    this.#nobody = this.#look('', undefined, '', false);
    this.#visitor = {
      owner: (code, place) => this.#look(place, undefined, keyOfConcept(code), true),
      look: (value, spot, owner) => {
        const key = keyOf(value, spot.kind);
        if (key !== undefined) this.#count(this.#look(spot.place, owner, key, spot.trace));
        return value;
      },
      measure: (value, spot, owner) => {
        this.#measure(value, spot, owner ?? this.#nobody);
        return value;
      },
      normal: (value, owner) => {
        this.#normal(value, owner);
        return value;
      },
    };
  }

  get persons(): number {
    return this.#persons;
  }

  get resources(): number {
    return this.#resources;
  }

  get looks(): readonly Look[] {
    return this.#looks;
  }

  get combinations(): Combinations {
    return this.#combinations;
  }

  /**
   * All that leaves of one person, as the policy leaves it; what belongs to nobody (a Medication) comes with each person who refers to it.
   * Somebody may come in several pieces: k stays exact, but his pieces count as persons in percentiles and reported counts, and pairs between pieces are not seen.
   */
  add(person: string, resources: Iterable<AnyResource>): void {
    this.#token = token(person);
    this.#met.length = 0;
    this.#things.length = 0;
    const wantsAll = this.#options.traits !== undefined || this.#options.row !== undefined;
    const all = wantsAll ? [...resources] : resources;
    for (const resource of all) {
      this.#resources++;
      walk(resource, this.#visitor);
    }
    for (const thing of this.#things)
      if (thing.least <= thing.greatest) thing.measured.add(this.#token, thing.least, thing.greatest, this.k);
    this.#pairs(wantsAll ? (all as readonly AnyResource[]) : []);
    if (this.#options.row !== undefined)
      this.#options.row({ person, looks: this.#met.map(look => look.number), resources: all as readonly AnyResource[] });
    this.#persons++;
  }

  /** Takes over what another survey with the same k and places has counted. @throws RangeError for another k */
  merge(other: SurveyJson): void {
    if (other.k !== this.k) throw new RangeError('surveys with different k cannot be put together');
    const { k } = this;
    const numbers: Look[] = [];
    for (const one of other.looks) {
      const look = this.#look(one.place, one.owner === undefined ? undefined : numbers[one.owner], one.key, one.trace);
      numbers.push(look);
      look.few.union(new Few(one.few), k);
      look.persons += one.persons;
      for (const { place, unit, trace, measured } of one.measured)
        this.#thing(look, place, unit, trace).measured.merge(new Measured(measured), k);
      for (const [normal, few] of one.normals) this.#few(look.normals, normal).union(new Few(few), k);
    }
    this.#combinations.merge(
      other.combinations,
      number => numbers[number]!.number,
      number => this.#hash(number),
    );
    this.#persons += other.persons;
    this.#resources += other.resources;
  }

  toJSON(): SurveyJson {
    return {
      k: this.k,
      persons: this.#persons,
      resources: this.#resources,
      looks: this.#looks.map(look => ({
        place: look.place,
        ...(look.owner === undefined ? {} : { owner: look.owner.number }),
        key: look.key,
        trace: look.trace,
        few: look.few.toJSON(),
        persons: look.persons,
        measured: [...look.measured.values()].map(({ place, unit, trace, measured }) => ({
          place,
          unit,
          trace,
          measured: measured.toJSON(),
        })),
        normals: [...look.normals].map(([text, few]) => [text, few.toJSON()] as const),
      })),
      combinations: this.#combinations.toJSON(),
    };
  }

  #look(place: string, owner: Look | undefined, key: string, trace: boolean): Look {
    let owners = this.#at.get(place);
    if (owners === undefined) this.#at.set(place, (owners = new Map()));
    const of = owner?.number ?? -1;
    let keys = owners.get(of);
    if (keys === undefined) owners.set(of, (keys = new Map()));
    let look = keys.get(key);
    if (look === undefined) {
      look = {
        number: this.#looks.length,
        place,
        ...(owner === undefined ? {} : { owner }),
        key,
        trace,
        few: new Few(),
        persons: 0,
        seen: never,
        measured: new Map(),
        normals: new Map(),
      };
      keys.set(key, look);
      this.#looks.push(look);
    }
    return look;
  }

  #count(look: Look): void {
    if (look.seen === this.#persons) return;
    look.seen = this.#persons;
    look.persons++;
    look.few.add(this.#token, this.k);
    this.#met.push(look);
  }

  #thing(look: Look, place: string, unit: string, trace: boolean): Thing {
    const key = `${place} ${unit}`;
    let thing = look.measured.get(key);
    if (thing === undefined) {
      thing = { place, unit, trace, measured: new Measured(), seen: never, least: 0, greatest: 0 };
      look.measured.set(key, thing);
    }
    return thing;
  }

  #measure(value: unknown, spot: Spot, owner: Look): void {
    const amount = amountOf(value);
    if (amount === undefined && spot.kind !== 'sampled') return;
    const thing = this.#thing(owner, spot.place, keyOfUnit(value), spot.trace);
    if (thing.seen !== this.#persons) {
      thing.seen = this.#persons;
      thing.least = Number.POSITIVE_INFINITY;
      thing.greatest = Number.NEGATIVE_INFINITY;
      this.#things.push(thing);
    }
    if (amount === undefined || spot.kind === 'sampled') thing.measured.other.add(this.#token, this.k);
    else if (amount.comparator !== '') thing.measured.addCompared(this.#token, `${amount.comparator}${amount.number}`, this.k);
    else {
      if (amount.number < thing.least) thing.least = amount.number;
      if (amount.number > thing.greatest) thing.greatest = amount.number;
    }
  }

  #few(map: Map<string, Few>, key: string): Few {
    let few = map.get(key);
    if (few === undefined) map.set(key, (few = new Few()));
    return few;
  }

  #normal(value: Json, owner: Look): void {
    this.#few(owner.normals, keyOfNormal(value)).add(this.#token, this.k);
  }

  #pairs(resources: readonly AnyResource[]): void {
    if (this.#combine.size === 0) return;
    const looks = this.#met.filter(look => look.owner === undefined && this.#combine.has(look.place));
    const traits = this.#options.traits?.(resources);
    if (traits !== undefined) {
      const own = this.#look('', undefined, traits, false);
      for (const look of looks) this.#combinations.add(own.number, look.number, number => this.#hash(number));
    }
    for (let i = 0; i < looks.length; i++)
      for (let j = 0; j < i; j++) this.#combinations.add(looks[i]!.number, looks[j]!.number, number => this.#hash(number));
  }

  readonly #hashes: number[] = [];

  /** 32 bits of a look's content, the same in every survey. FNV-1a */
  #hash(number: number): number {
    const known = this.#hashes[number];
    if (known !== undefined) return known;
    const { place, key } = this.#looks[number]!;
    let hash = 0x811c9dc5;
    for (const text of [place, '\n', key]) for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    return (this.#hashes[number] = hash >>> 0);
  }
}
