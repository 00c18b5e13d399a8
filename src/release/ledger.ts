/**
 * The release ledger: what left, when, under which study and policy, and whose data were in it, as marks that only this server can make.
 * An entry is durable before the answer goes out. A mark names a Patient record and no data, so that it can be found when all else about the person is erased.
 * @module
 */
import { createHmac } from 'node:crypto';
import { asServer } from '../fhir/model/access.ts';
import type { Json } from '../fhir/model/r4.ts';
import type { BookEntry, PersonSet, Store } from '../fhir/store/store.ts';
import { Turn } from './turn.ts';

const book = 'releases';

export interface LedgerParts {
  readonly store: Store;
  /** 32 bytes or more of the master key's for one purpose. */
  readonly secret: (purpose: string) => Buffer;
}

export interface Release {
  /** Instant. */
  readonly time: string;
  /** id of the ResearchStudy. */
  readonly study: string;
  /** client_id of who received it. */
  readonly client: string;
  readonly kind: 'bundle' | 'summary';
  /** Canonical URL with version, and SHA-256 (hex), as in the Provenance of a bundle. */
  readonly policy: string;
  readonly hash: string;
  /** Resource types that were asked for, sorted; of a bundle. */
  readonly types?: readonly string[];
  readonly persons: number;
  /** Resources that left; of a bundle. */
  readonly resources?: number;
  /** `urn:uuid:` of the Bundle, and keyed hash (hex) of the plan of its data set where the policy makes one: as in its Provenance. */
  readonly dataSet?: string;
  readonly plan?: string;
  /** With a plan: how many pairs of codes that left fewer than k persons have. Which they are is not noted: that is somebody's data. */
  readonly rarePairs?: number;
}

export interface Noted extends Release {
  /** 1 for the first: its place in the book. */
  readonly number: number;
}

/** Characters of a mark: 16 bytes in base64url. */
const markLength = 22;

const marker = ({ secret }: LedgerParts): ((record: string) => string) => {
  const key = secret('release ledger');
  return record => createHmac('sha256', key).update(record).digest().subarray(0, 16).toString('base64url');
};

/** Every Patient record (`Patient/<id>`) of a person that is here, by the person's anchor: also those that the release itself may not read. */
type Records = ReadonlyMap<string, readonly string[]>;

/** To be asked before the data are read: who is erased meanwhile stays noted down. */
export async function recordsByPerson(store: Store, persons: PersonSet): Promise<Records> {
  const records = new Map<string, readonly string[]>();
  const turn = new Turn();
  for await (const person of store.each(asServer('note down whose data leave'), persons)) {
    records.set(person.anchor, person.records);
    await turn.pause();
  }
  return records;
}

/**
 * The entry that notes a release down; it is durable once it is committed, which comes before the answer goes out.
 * @param records of everybody whose data are in the answer; one that is named twice is marked once
 */
export async function entryOf(release: Release, records: Iterable<string>, parts: LedgerParts): Promise<BookEntry> {
  const mark = marker(parts);
  const turn = new Turn();
  const marks: string[] = [];
  for (const record of new Set(records)) {
    marks.push(mark(record));
    await turn.pause();
  }
  // In the order of the marks: it is the key's, and tells nothing; and one can be looked up without unpacking the others.
  marks.sort();
  return { book, entry: { ...release, marks: marks.join('') } as unknown as Json };
}

/** All releases, oldest first. */
export async function releases({ store }: Pick<LedgerParts, 'store'>): Promise<readonly Noted[]> {
  return (await store.book(book)).map(noted);
}

/** Releases in which there were data of one of these Patient records, oldest first. A look-up costs some string comparisons per release and record, and keeps nothing. */
export async function releasesWith(records: readonly string[], parts: LedgerParts): Promise<readonly Noted[]> {
  const marks = records.map(marker(parts));
  const entries = await parts.store.book(book);
  return entries.flatMap((entry, place) => (marks.some(mark => holds(entry['marks'] as string, mark)) ? [noted(entry, place)] : []));
}

const noted = ({ marks: _, ...release }: Json, place: number): Noted => ({ ...(release as unknown as Release), number: place + 1 });

/** Whether a mark is among others that stand in order without gaps. */
function holds(marks: string, mark: string): boolean {
  let low = 0;
  let high = marks.length / markLength;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = marks.slice(middle * markLength, (middle + 1) * markLength);
    if (at === mark) return true;
    if (at < mark) low = middle + 1;
    else high = middle;
  }
  return false;
}
