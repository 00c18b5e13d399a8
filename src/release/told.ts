/**
 * What people are told of a study: its title, and what it says of itself if that is plain text. Read by the server: they may read no study.
 * R4: https://hl7.org/fhir/R4/researchstudy.html
 * @module
 */
import { asServer } from '../fhir/model/access.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import type { Store } from '../fhir/store/store.ts';

export interface Told {
  readonly reference: { readonly reference: string; readonly display?: string };
  readonly description?: string;
}

/** Signs of Markdown or HTML: such a text is for another reader, and a page would have to clean it first. */
const marked = /[<>`*_#|[\]\\]/;

/** By id, each once. Of the last version that is no deletion: in a study that is deleted the data took part all the same. */
export async function studiesTold(store: Store, ids: Iterable<string>): Promise<ReadonlyMap<string, Told>> {
  const access = asServer('tell of the studies that data took part in');
  const told = new Map<string, Told>();
  for (const id of new Set(ids)) {
    const history = await store.history(access, { type: 'ResearchStudy', id }, { count: 2 });
    const version = history?.versions.find(one => !one.deleted);
    const { title, description }: Partial<AnyResource> = version === undefined ? {} : (JSON.parse(version.bytes.toString()) as AnyResource);
    told.set(id, {
      reference: { reference: `ResearchStudy/${id}`, ...(typeof title === 'string' ? { display: title } : {}) },
      ...(typeof description === 'string' && !marked.test(description) ? { description } : {}),
    });
  }
  return told;
}
