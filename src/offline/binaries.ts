/**
 * What a worker knows of the Binaries of the input, for policies that let them out, and how it finds out.
 * R4: https://hl7.org/fhir/R4/binary.html
 * @module
 */

import type { AnyResource } from '../fhir/model/r4.ts';
import { type Claim, claimOf, Files } from '../release/files.ts';
import type { Whose } from '../release/whose.ts';
import { again, type PieceSeen } from './again.ts';
import type { Person, Persons } from './people.ts';
import { resourcesOf, type Where } from './resources.ts';
import type { Shelf } from './shelf.ts';

/** What is known of the Binaries of the whole input: first whose they are, then which leave. */
export interface Known {
  readonly claims: readonly Claim[];
  /** Names of those that leave; absent: that is what is asked. */
  readonly leaving?: ReadonlySet<string>;
}

export type BinariesTask = ({ readonly kind: 'claims' | 'leaving' } & PieceSeen) | { readonly kind: 'binaries'; readonly known: Known };

export interface BinariesAnswer {
  readonly claims: readonly Claim[];
  /** `Binary/<id>`: all that are there, or those that leave. */
  readonly names: readonly string[];
}

/** What a worker keeps of them. */
export class Binaries {
  readonly #people: Persons;
  readonly #base: string;
  #files = new Files();
  #leaving: ReadonlySet<string> | undefined;

  constructor(people: Persons, base: string) {
    this.#people = people;
    this.#base = base;
  }

  know({ claims, leaving }: Known): void {
    this.#files = new Files();
    for (const claim of claims) this.#files.claim(claim);
    this.#leaving = leaving;
  }

  claimOf(name: string, resource: AnyResource): Claim | undefined {
    return claimOf(name, resource, this.#people, this.#base, one => this.#nameOf(one));
  }

  leaves(name: string): boolean {
    return this.#leaving?.has(name) === true;
  }

  whose(name: string, binary: AnyResource): Whose<Person> {
    const owner = this.#files.owner(name, binary, this.#base, reference => {
      const one = this.#people.byName.get(reference);
      return one === undefined ? null : this.#nameOf(one);
    });
    return owner === null ? { kind: 'foreign' } : { kind: 'one', individual: this.#people.numbered(Number(owner)) };
  }

  /** The same in all workers. */
  #nameOf(one: Person): string {
    return String(this.#people.numberOf(one));
  }
}

/** A worker's part. @param left names of Binaries that leave of a text */
export async function lookForBinaries(
  task: Extract<BinariesTask, PieceSeen>,
  shelf: Shelf,
  binaries: Binaries,
  left: (root: AnyResource, where: Where) => readonly string[],
  base: string,
): Promise<BinariesAnswer> {
  const claims: Claim[] = [];
  const names: string[] = [];
  const each = (read: () => AnyResource, where: Where): void => {
    if (task.kind === 'leaving') names.push(...left(read(), where));
    else
      for (const { name, resource } of resourcesOf(read(), where, base)) {
        const claim = resource.resourceType === 'Binary' ? undefined : binaries.claimOf(name, resource);
        if (claim !== undefined) claims.push(claim);
        if (resource.resourceType === 'Binary') names.push(name);
      }
  };
  await again(task, shelf, each, { word: 'Binary' });
  return { claims, names };
}
