/**
 * The first pass: how many persons have each look (a code, or several codes of one concept, at its place), how measured values spread, which looks go together. Persons are counted, never resources.
 * What is kept of persons is bounded by k for each look and each thing measured, not by how many persons or resources come. Surveys of several workers put together are the survey of everybody.
 * @module
 */
import type { AnyResource } from '../../fhir/model/r4.ts';
import { Combinations, type CombinationsJson } from './combinations.ts';
import { Few, type FewJson, token } from './few.ts';
import { type Amount, amountOf, isMeasured, keyOf, keyOfConcept, keyOfFact, keyOfNormal, keyOfUnit, keyOfValue } from './keys.ts';
import { Measured, type MeasuredJson } from './measured.ts';
import { type Visitor, walk } from './walk.ts';

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

/** A code, several codes of one concept, or a fact (a code with the kind of its value), at its place. */
export interface Look {
  readonly number: number;
  readonly place: string;
  readonly holder: string;
  readonly trace: boolean;
  readonly fact: boolean;
  readonly key: string;
  readonly few: Few;
  /** Persons (of those who come in pieces: pieces). */
  persons: number;
  seen: number;
  /** Of a fact: reference ranges → who has one like it. */
  readonly normals: Map<string, Few>;
}

/** What is measured: of a fact, or at a place in a unit. */
export interface Thing {
  readonly place: string;
  /** Of a fact its key, else a unit. */
  readonly key: string;
  readonly measured: Measured;
  seen: number;
  least: number;
  greatest: number;
}

export interface SurveyJson {
  readonly k: number;
  readonly persons: number;
  readonly resources: number;
  readonly looks: readonly (Pick<Look, 'place' | 'holder' | 'trace' | 'fact' | 'key' | 'persons'> & {
    readonly few: FewJson;
    readonly normals: readonly (readonly [string, FewJson])[];
  })[];
  readonly types: readonly (readonly [string, FewJson])[];
  readonly things: readonly (Pick<Thing, 'place' | 'key'> & { readonly measured: MeasuredJson })[];
  readonly combinations: CombinationsJson;
}

const never = -1;
/** Whether a place is a resource, and no group or data type in one. */
const isResource = (place: string): boolean => !place.includes('.', place.lastIndexOf('/') + 1);

function fewOf(map: Map<string, Few>, key: string): Few {
  let few = map.get(key);
  if (few === undefined) map.set(key, (few = new Few()));
  return few;
}

export class Survey {
  readonly k: number;
  readonly #options: SurveyOptions;
  readonly #combine: ReadonlySet<string>;
  readonly #looks: Look[] = [];
  /** Place → key → look. */
  readonly #at = new Map<string, Map<string, Look>>();
  readonly #things = new Map<string, Map<string, Thing>>();
  /** Resource types → who has any of them. */
  readonly #types = new Map<string, Few>();
  readonly #combinations: Combinations;
  #persons = 0;
  #resources = 0;
  #token = 0;
  readonly #met: Look[] = [];
  readonly #touched: Thing[] = [];
  readonly #visitor: Visitor<Look>;

  /** @throws RangeError for a k below 2 */
  constructor(options: SurveyOptions = {}) {
    this.#options = options;
    this.k = options.k ?? 10;
    if (!Number.isInteger(this.k) || this.k < 2) throw new RangeError('k must be a whole number from 2 on');
    this.#combine = new Set(options.combine ?? []);
    this.#combinations = new Combinations(options.mostPairs ?? 262_144);
    const same = (value: unknown): unknown => value;
    this.#visitor = {
      leaves: place => {
        if (isResource(place)) fewOf(this.#types, place).add(this.#token, this.k);
        return true;
      },
      fact: (place, code, value, kind) => {
        const valueKey = keyOfValue(value, kind);
        const look = this.#look({ place, holder: place, trace: true, fact: true, key: keyOfFact(keyOfConcept(code), valueKey) });
        this.#count(look);
        if (isMeasured(valueKey)) this.#measure(this.#thing(place, look.key), amountOf(value)!);
        return look;
      },
      code: same,
      value: same,
      normal: (value, fact) => {
        fewOf(fact.normals, keyOfNormal(value)).add(this.#token, this.k);
        return value;
      },
      look: (value, { place, holder, kind, trace }) => {
        const key = keyOf(value, kind);
        if (key !== undefined) this.#count(this.#look({ place, holder, trace, fact: false, key }));
        return value;
      },
      measure: (value, { place, kind }) => {
        const amount = kind === 'quantity' ? amountOf(value) : undefined;
        if (amount !== undefined) this.#measure(this.#thing(place, keyOfUnit(value)), amount);
        return value;
      },
      reference: same,
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

  get things(): readonly Thing[] {
    return [...this.#things.values()].flatMap(keys => [...keys.values()]);
  }

  /** Resource types, also contained ones (`MedicationRequest/Medication`) → who has any of them. */
  get types(): ReadonlyMap<string, Few> {
    return this.#types;
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
    this.#touched.length = 0;
    const wantsAll = this.#options.traits !== undefined || this.#options.row !== undefined;
    const all = wantsAll ? [...resources] : resources;
    for (const resource of all) {
      this.#resources++;
      walk(resource, this.#visitor);
    }
    for (const thing of this.#touched) thing.measured.add(this.#token, thing.least, thing.greatest, this.k);
    this.#pairs(wantsAll ? (all as readonly AnyResource[]) : []);
    if (this.#options.row !== undefined)
      this.#options.row({ person, looks: this.#met.map(look => look.number), resources: all as readonly AnyResource[] });
    this.#persons++;
  }

  /** Takes over what another survey with the same k and places has counted. @throws RangeError for another k */
  merge(other: SurveyJson): void {
    if (other.k !== this.k) throw new RangeError('surveys with different k cannot be put together');
    const { k } = this;
    const numbers = other.looks.map(one => {
      const look = this.#look(one);
      look.few.union(new Few(one.few), k);
      look.persons += one.persons;
      for (const [normal, few] of one.normals) fewOf(look.normals, normal).union(new Few(few), k);
      return look;
    });
    for (const [type, few] of other.types) fewOf(this.#types, type).union(new Few(few), k);
    for (const { place, key, measured } of other.things) this.#thing(place, key).measured.merge(new Measured(measured), k);
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
      looks: this.#looks.map(({ place, holder, trace, fact, key, persons, few, normals }) => ({
        place,
        holder,
        trace,
        fact,
        key,
        persons,
        few: few.toJSON(),
        normals: [...normals].map(([text, who]) => [text, who.toJSON()] as const),
      })),
      types: [...this.#types].map(([type, few]) => [type, few.toJSON()] as const),
      things: this.things.map(({ place, key, measured }) => ({ place, key, measured: measured.toJSON() })),
      combinations: this.#combinations.toJSON(),
    };
  }

  #look({ place, holder, trace, fact, key }: Pick<Look, 'place' | 'holder' | 'trace' | 'fact' | 'key'>): Look {
    let keys = this.#at.get(place);
    if (keys === undefined) this.#at.set(place, (keys = new Map()));
    let look = keys.get(key);
    if (look === undefined) {
      const number = this.#looks.length;
      look = { number, place, holder, trace, fact, key, few: new Few(), persons: 0, seen: never, normals: new Map() };
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

  #thing(place: string, key: string): Thing {
    let keys = this.#things.get(place);
    if (keys === undefined) this.#things.set(place, (keys = new Map()));
    let thing = keys.get(key);
    if (thing === undefined) keys.set(key, (thing = { place, key, measured: new Measured(), seen: never, least: 0, greatest: 0 }));
    return thing;
  }

  #measure(thing: Thing, { number, comparator }: Amount): void {
    if (comparator !== '') {
      thing.measured.addCompared(this.#token, `${comparator}${number}`, this.k);
      return;
    }
    if (thing.seen !== this.#persons) {
      thing.seen = this.#persons;
      thing.least = thing.greatest = number;
      this.#touched.push(thing);
    } else if (number < thing.least) thing.least = number;
    else if (number > thing.greatest) thing.greatest = number;
  }

  #pairs(resources: readonly AnyResource[]): void {
    if (this.#combine.size === 0) return;
    const looks = this.#met.filter(look => this.#combine.has(look.place));
    const traits = this.#options.traits?.(resources);
    if (traits !== undefined) {
      const own = this.#look({ place: '', holder: '', trace: false, fact: false, key: traits });
      for (const look of looks) this.#combinations.add(own.number, look.number, number => this.#hash(number));
    }
    this.#combinations.addAll(
      looks.map(look => look.number),
      number => this.#hash(number),
    );
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
