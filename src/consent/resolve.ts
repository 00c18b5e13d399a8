/**
 * Who is meant: references, identifiers and records of a request → Patient records in the request or in the store, as far as the asking side may know of them.
 * R4: https://hl7.org/fhir/R4/references.html
 * @module
 */
import type { Access } from '../fhir/model/access.ts';
import { bornIn, type Identified, type Names } from '../fhir/model/named.ts';
import { type PersonKey, personKey, personKeys } from '../fhir/model/person.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { literal } from '../fhir/model/reference.ts';
import { type SearchQuery, searchFor } from '../fhir/search/query.ts';
import type { Proposal } from '../fhir/store/gate.ts';
import type { Store } from '../fhir/store/store.ts';

/** A Patient record: its reference (absent for a contained or nested one) and its keys. */
export interface Found {
  readonly reference?: string;
  readonly keys: readonly PersonKey[];
  readonly birthDate?: string;
}

export interface Resolver {
  /** `Patient/<id>`, or `RelatedPerson/<id>` → its patient. Empty: not here. */
  reference(reference: string): Promise<readonly Found[]>;
  identifier(identified: Identified): Promise<readonly Found[]>;
}

/** More records than this under one identifier are no answer. */
const most = 20;

/**
 * @param access whose reach decides what is here
 * @param nested records that stand inside resources of the request
 */
export function createResolver({
  store,
  access,
  proposals,
  names,
  nested,
}: {
  store: Store;
  access: Access;
  proposals: readonly Proposal[];
  names: Names;
  nested: readonly Found[];
}): Resolver {
  const written = new Map(proposals.map(p => [`${p.type}/${p.id}`, p]));
  const known = new Map<string, Promise<AnyResource | undefined>>();

  /** The resource as it will be after the request. */
  const resourceOf = (reference: string): Promise<AnyResource | undefined> => {
    let found = known.get(reference);
    if (found === undefined) {
      const proposal = written.get(reference);
      found = proposal === undefined ? read(reference) : Promise.resolve(proposal.resource);
      known.set(reference, found);
    }
    return found;
  };
  const read = async (reference: string): Promise<AnyResource | undefined> => {
    const [type, id] = reference.split('/') as [string, string];
    const version = await store.read(access, type, id);
    return version === undefined || version.deleted ? undefined : (JSON.parse(version.bytes.toString()) as AnyResource);
  };

  const resolver: Resolver = {
    async reference(reference) {
      const resource = await resourceOf(reference);
      if (resource === undefined) return [];
      if (resource.resourceType === 'Patient') return [{ reference, keys: personKeys(resource, names.institution), ...bornIn(resource) }];
      const patient = (resource['patient'] ?? {}) as Json;
      const target = literal(String(patient['reference'] ?? ''), names.base);
      if (target?.type === 'Patient') return resolver.reference(`Patient/${target.id}`);
      const key = personKey(patient['identifier'], names.institution);
      return key === undefined ? [] : resolver.identifier({ key, identifier: patient['identifier'] as Json });
    },
    async identifier({ key, identifier }) {
      const found: Found[] = nested.filter(one => one.keys.includes(key));
      const ids = new Set(await store.match(access, byValue(String(identifier['value'])), most));
      for (const proposal of proposals) if (proposal.type === 'Patient') ids.add(proposal.id);
      if (ids.size > most + proposals.length) return [];
      for (const id of ids) {
        const [record] = await resolver.reference(`Patient/${id}`);
        if (record?.keys.includes(key)) found.push(record);
      }
      return found;
    },
  };
  return resolver;
}

/** Patients with this value in one of its spellings, of whatever system: what is found is held against the key. */
function byValue(value: string): SearchQuery {
  const narrow = value.normalize('NFKC').trim();
  const wide = narrow.replace(/[!-~]/g, c => String.fromCharCode(c.charCodeAt(0) + 0xfee0)).replaceAll(' ', '\u3000');
  const digitsWide = narrow.replace(/[0-9]/g, c => String.fromCharCode(c.charCodeAt(0) + 0xfee0));
  const values = [...new Set([value, narrow, wide, digitsWide])].map(code => ({ code }));
  return searchFor('Patient', [{ kind: 'token', code: 'identifier', values, not: false }], most);
}
