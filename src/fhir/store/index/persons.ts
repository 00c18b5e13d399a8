/**
 * Who is the same person: Patient records that share an identifier (system and value) or are joined by Patient.link, and the identifiers themselves.
 * Joined once, joined for good: an objection must not fall off a record because an identifier was corrected.
 * @module
 */

import { namesOf, personsIn } from '../../model/named.ts';
import type { AnyResource, Json } from '../../model/r4.ts';
import { literal } from '../../model/reference.ts';

/** Names that mean a person: `Patient/<id>`, `RelatedPerson/<id>`, person keys. */
export interface Mentions {
  /** Everybody whom a resource names anywhere. */
  readonly about: readonly string[];
  /** Names of one and the same person, when the resource is that person's own record; else empty. */
  readonly same: readonly string[];
}

/** @param institution 10-digit code of who sent the resource, for patient numbers whose system does not name it */
export function mentions(resource: AnyResource, base: string, institution?: string): Mentions {
  const named = personsIn(resource, institution === undefined ? { base } : { base, institution });
  const about = namesOf(named);
  const own = `${resource.resourceType}/${resource.id}`;
  if (resource.resourceType === 'Patient') {
    const record = named.records.find(one => one.itself);
    return { about, same: [own, ...(record?.keys ?? []), ...linked(resource, base)] };
  }
  if (resource.resourceType === 'RelatedPerson') {
    // A reference to this RelatedPerson is a reference to data about its patient.
    const patient = literal(String((resource['patient'] as Json | undefined)?.['reference'] ?? ''), base);
    return { about: [...about, own], same: patient?.type === 'Patient' ? [own, `Patient/${patient.id}`] : [] };
  }
  return { about, same: [] };
}

const linked = (patient: AnyResource, base: string): string[] => {
  const links = patient['link'];
  if (!Array.isArray(links)) return [];
  return links.flatMap(link => {
    const other = literal(String(((link as Json)['other'] as Json | undefined)?.['reference'] ?? ''), base);
    return other?.type === 'Patient' ? [`Patient/${other.id}`] : [];
  });
};

/** Sets that grow together. The person's number is the smallest of its names' numbers. */
export class Persons {
  readonly #numbers = new Map<string, number>();
  readonly #parent: number[] = [];
  /** Root → all names' numbers; absent while the person has one name. */
  readonly #names = new Map<number, number[]>();
  readonly #label: string[] = [];
  /** How often two persons became one. */
  joins = 0;

  number(name: string): number {
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.#label.push(name) - 1;
      this.#numbers.set(name, number);
      this.#parent.push(number);
    }
    return number;
  }

  get size(): number {
    return this.#parent.length;
  }

  /** Number of a known name, or -1. */
  find(name: string): number {
    return this.#numbers.get(name) ?? -1;
  }

  label(number: number): string {
    return this.#label[number]!;
  }

  person(number: number): number {
    let root = number;
    while (this.#parent[root] !== root) root = this.#parent[root]!;
    for (let at = number; at !== root; ) {
      const up = this.#parent[at]!;
      this.#parent[at] = root;
      at = up;
    }
    return root;
  }

  /** True when two persons have become one. */
  join(names: readonly string[]): boolean {
    if (names.length === 0) return false;
    let joined = false;
    let root = this.person(this.number(names[0]!));
    for (const name of names.slice(1)) {
      const other = this.person(this.number(name));
      if (other === root) continue;
      const [keep, lose] = root < other ? [root, other] : [other, root];
      this.#parent[lose] = keep;
      // The fewer are added to the more, in place: who has 100,000 identifiers must not cost their square.
      const [few, many] = [this.#names.get(keep) ?? [keep], this.#names.get(lose) ?? [lose]].sort((a, b) => a.length - b.length) as [
        number[],
        number[],
      ];
      for (const name of few) many.push(name);
      this.#names.set(keep, many);
      this.#names.delete(lose);
      joined = true;
      this.joins++;
      root = keep;
    }
    return joined;
  }

  /** Numbers of all names of the person whose root this is. */
  names(root: number): readonly number[] {
    return this.#names.get(root) ?? [root];
  }
}
