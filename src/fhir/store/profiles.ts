/**
 * Stored StructureDefinitions as a source of profiles: the server holds everybody's resources against them, whoever stored them.
 * R4: https://hl7.org/fhir/R4/references.html#canonical
 * @module
 */
import { asServer } from '../model/access.ts';
import { parseJson } from '../model/json.ts';
import type { AnyResource } from '../model/r4.ts';
import { createProfiles, type Profiles } from '../profile/profiles.ts';
import type { Predicate } from '../search/query.ts';
import { chosen, readCanonical } from '../terminology/canonical.ts';
import type { Compiled } from '../terminology/knowledge.ts';
import { createTerminology } from '../terminology/terminology.ts';
import type { Store } from './store.ts';
import { storedWhere } from './stored.ts';
import { knowledgeIn } from './terminology.ts';

const type = 'StructureDefinition';
const access = asServer('hold resources against profiles');
/** Versions of one canonical that are looked at. */
const most = 100;

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** Canonical → the stored StructureDefinition that it means, or undefined. */
const storedProfiles =
  (store: Store) =>
  async (canonical: string): Promise<AnyResource | undefined> => {
    const { url, version } = readCanonical(canonical);
    if (url === '') return undefined;
    const where: Predicate[] = [{ kind: 'uri', code: 'url', values: [url], match: 'exact' }];
    const found = await storedWhere(store, access, type, where, most);
    const candidates = found
      .sort((a, b) => a.lastUpdated - b.lastUpdated)
      .map(({ bytes }) => {
        const resource = parseJson(bytes, { maxDepth: Number.POSITIVE_INFINITY }) as AnyResource;
        const [own, status] = [text(resource['version']), text(resource['status'])];
        return { resource, ...(own === undefined ? {} : { version: own }), ...(status === undefined ? {} : { status }) };
      });
    return chosen(candidates, version)?.resource;
  };

/** Profiles and value sets, as they are stored and as the specification defines them. */
export function profilesIn(store: Store, compiled: Compiled, now: () => number, baseUrl: string): Profiles {
  const terminology = createTerminology(knowledgeIn(store, access, compiled));
  return createProfiles({ source: storedProfiles(store), terminology, now, baseUrl });
}
