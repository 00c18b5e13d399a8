/**
 * $meta, $meta-add, $meta-delete: the profiles, tags and security labels of a resource, of a type, of everything; and changing them without touching the rest.
 * A change is a new version, made as an update is: what is stored is not changed in its place.
 * R4: https://hl7.org/fhir/R4/resource-operation-meta.html, https://hl7.org/fhir/R4/resource-operation-meta-add.html, https://hl7.org/fhir/R4/resource-operation-meta-delete.html
 * @module
 */
import type { Coding, Meta } from '@medplum/fhirtypes';
import { type Access, askedFor, permits } from '../fhir/model/access.ts';
import type { Answer, Dispatch, Version } from '../fhir/model/exchange.ts';
import { parseJson } from '../fhir/model/json.ts';
import { Problem } from '../fhir/model/outcome.ts';
import { type AnyResource, type Json, resourceTypes } from '../fhir/model/r4.ts';
import { searchFor } from '../fhir/search/query.ts';
import type { Cursor, Store } from '../fhir/store/store.ts';
import { type At, definitionOf, type Given, type Operation } from './operation.ts';

export interface MetaParts {
  readonly store: Store;
  /** The composed dispatch. */
  readonly dispatch: () => Dispatch;
}

type Labels = Pick<Meta, 'profile' | 'security' | 'tag'>;

const kinds = ['profile', 'security', 'tag'] as const;
/** Resources that $meta of a type or of everything looks through. */
const mostResources = 20_000;
const mostTries = 10;

/** What makes two labels one: system and code; version and display do not. */
const nameOf = (label: string | Coding): string =>
  typeof label === 'string' ? label : JSON.stringify([label.system ?? '', label.code ?? '']);

const listsOf = (meta: unknown): readonly (readonly (string | Coding)[])[] =>
  kinds.map(kind => {
    const list = ((meta ?? {}) as Json)[kind];
    return Array.isArray(list) ? list : [];
  });

const labels = (lists: readonly (readonly (string | Coding)[])[]): Labels =>
  Object.fromEntries(kinds.flatMap((kind, i) => (lists[i]!.length === 0 ? [] : [[kind, lists[i]]])));

const added = (one: unknown, other: unknown): Labels =>
  labels(
    listsOf(one).map((list, i) =>
      [...new Map([...list, ...listsOf(other)[i]!].reverse().map(label => [nameOf(label), label])).values()].reverse(),
    ),
  );

const without = (one: unknown, other: unknown): Labels =>
  labels(
    listsOf(one).map((list, i) => {
      const gone = new Set(listsOf(other)[i]!.map(nameOf));
      return list.filter(label => !gone.has(nameOf(label)));
    }),
  );

const answer = (meta: unknown, patients: readonly string[] = []): Answer => ({
  status: 200,
  resource: { resourceType: 'Parameters', parameter: [{ name: 'return', valueMeta: meta }] },
  patients,
});

const resourceOf = ({ bytes }: Version): AnyResource => parseJson(bytes, { maxDepth: Number.POSITIVE_INFINITY }) as AnyResource;

/** Labels of everything of these types that the agent may look for. */
async function used(types: readonly string[], access: Access, store: Store): Promise<Labels> {
  let found: Labels = {};
  let looked = 0;
  for (const type of types) {
    let cursor: Cursor | undefined;
    do {
      const query = searchFor(type, [], 1000);
      const page = await store.search(askedFor(access, 's', type), query, cursor);
      looked += page.matches.length;
      if (looked > mostResources || (page.total ?? 0) > mostResources)
        throw new Problem('too-costly', `More than ${mostResources} resources would have to be looked through: ask a type or an instance.`);
      for (const version of page.matches) found = added(found, resourceOf(version).meta);
      cursor = page.next;
    } while (cursor !== undefined);
  }
  return found;
}

export const meta = ({ store, dispatch }: MetaParts): Operation => ({
  definition: definitionOf('Resource-meta'),
  async run(_given, access, { type, id, versionId }) {
    if (id === undefined) {
      if (type !== undefined && !permits(access, 's', type)) throw new Problem('forbidden');
      return answer(await used(type === undefined ? resourceTypes.filter(one => permits(access, 's', one)) : [type], access, store));
    }
    const path = `${type}/${id}${versionId === undefined ? '' : `/_history/${versionId}`}`;
    const { version, patients } = await dispatch()({ method: 'GET', path, query: [], headers: {} }, access);
    return answer(resourceOf(version!).meta ?? {}, patients);
  },
});

/** Reads and writes as the interactions do, so that nothing is changed here that could not be changed there. */
const changing = (id: 'Resource-meta-add' | 'Resource-meta-delete', change: typeof added, { dispatch }: MetaParts): Operation => ({
  definition: definitionOf(id),
  async run(given: Given, access: Access, at: At) {
    if (at.versionId !== undefined) throw new Problem('business-rule', 'A version that is stored is not changed: name the resource.');
    const path = `${at.type}/${at.id}`;
    const told = given.get('meta')![0];
    for (let tried = 1; ; tried++) {
      const { version } = await dispatch()({ method: 'GET', path, query: [], headers: {} }, access);
      const resource = resourceOf(version!);
      const { profile: _, security: __, tag: ___, ...rest } = (resource.meta ?? {}) as Meta;
      const body = { ...resource, meta: { ...rest, ...change(resource.meta, told) } } as AnyResource;
      try {
        const headers = { 'if-match': `W/"${version!.versionId}"` };
        const { version: after, patients } = await dispatch()({ method: 'PUT', path, query: [], headers, body }, access);
        return answer(resourceOf(after!).meta, patients);
      } catch (thrown) {
        if (!(thrown instanceof Problem && thrown.kind === 'precondition-failed') || tried === mostTries) throw thrown;
      }
    }
  },
});

export const metaAdd = (parts: MetaParts): Operation => changing('Resource-meta-add', added, parts);
export const metaDelete = (parts: MetaParts): Operation => changing('Resource-meta-delete', without, parts);
