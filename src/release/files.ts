/**
 * Whose a file is: a Binary names nobody, so it is the one person's whose resources point at it, and whom its securityContext stands for. Where these are several,
 * or none, it is nobody's, and does not leave.
 * R4: https://hl7.org/fhir/R4/binary-definitions.html#Binary.securityContext, https://hl7.org/fhir/R4/datatypes.html#Attachment
 * @module
 */
import { isObject } from '../deid/context.ts';
import { namesOf, personsIn } from '../fhir/model/named.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import { literal } from '../fhir/model/reference.ts';
import { type People, whose } from './whose.ts';

/** `Binary/<id>` of every Binary that a resource points at: as the URL of a file, or by a reference. */
function filesIn(resource: AnyResource, base: string): string[] {
  const found = new Set<string>();
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(walk);
    else if (isObject(value))
      for (const name in value) {
        const child = value[name];
        if (typeof child === 'object') walk(child);
        else if ((name === 'url' || name === 'reference') && typeof child === 'string') {
          const own = literal(child, base);
          if (own?.type === 'Binary') found.add(`Binary/${own.id}`);
        }
      }
  };
  walk(resource);
  return [...found];
}

/** What one person is called by whoever asks; null: nobody's, several persons', or somebody's who is not known. */
export type Owner = string | null;

/** A resource says that files are somebody's. */
export interface Claim {
  /** `Type/id` of the resource. */
  readonly by: string;
  readonly files: readonly string[];
  readonly owner: Owner;
}

/** @param nameOf what a person is called @returns undefined: it points at no file, or names nobody (a Provenance of many), and says nothing of whose it is */
export function claimOf<T>(
  by: string,
  resource: AnyResource,
  whom: People<T>,
  base: string,
  nameOf: (one: T) => string,
): Claim | undefined {
  const files = filesIn(resource, base);
  if (files.length === 0) return undefined;
  if (resource.resourceType === 'Patient') {
    const itself = whom.byName.get(by);
    return { by, files, owner: itself === undefined ? null : nameOf(itself) };
  }
  const named = personsIn(resource, { base, conditions: true });
  if (namesOf(named).length === 0 && named.unresolvable.length === 0) return undefined;
  const owner = whose(resource, whom, base);
  return { by, files, owner: owner.kind === 'one' ? nameOf(owner.individual) : null };
}

/** Collects who points at which file. */
export class Files {
  readonly #pointed = new Map<string, { owner: Owner; readonly by: string[] }>();

  claim({ by, files, owner }: Claim): void {
    for (const file of files) {
      const known = this.#pointed.get(file);
      if (known === undefined) this.#pointed.set(file, { owner, by: [by] });
      else {
        if (known.owner !== owner) known.owner = null;
        known.by.push(by);
      }
    }
  }

  /**
   * @param name `Binary/<id>` of the file
   * @param ownerOf of `Type/id`, what a securityContext refers to, where that does not itself point at the file
   */
  owner(name: string, { securityContext }: AnyResource, base: string, ownerOf: (reference: string) => Owner): Owner {
    const pointed = this.#pointed.get(name);
    if (securityContext === undefined) return pointed?.owner ?? null;
    const reference = isObject(securityContext) ? securityContext['reference'] : undefined;
    const found = typeof reference === 'string' ? literal(reference, base) : undefined;
    if (found === undefined) return null;
    const guard = `${found.type}/${found.id}`;
    if (pointed?.by.includes(guard)) return pointed.owner;
    const owner = ownerOf(guard);
    return pointed === undefined || pointed.owner === owner ? owner : null;
  }
}
