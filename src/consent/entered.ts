/**
 * Who entered without notice? Every Patient that an institution sent must have had a notice of it, old enough, under its own number, when the first version came. In 2022 data of
 * 95,000 people were found in an operator's database of whom this was not true. The gate keeps it so; this looks whether it is so, whatever the gate did.
 * The first look walks all Patients, later ones those that changed since; what was found is looked at anew each time.
 * @module
 */
import { setImmediate } from 'node:timers/promises';
import { asServer } from '../fhir/model/access.ts';
import type { Version } from '../fhir/model/exchange.ts';
import { Problem } from '../fhir/model/outcome.ts';
import { personKeys } from '../fhir/model/person.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { searchFor } from '../fhir/search/query.ts';
import type { Cursor, Store } from '../fhir/store/store.ts';
import { dayNumber } from './day.ts';
import { type Institution, ownNumbersOf } from './legal.ts';
import { releasable, type StopEntry, stopsBook } from './stops.ts';
import { firstPermittedDay, type WaitRule } from './waiting-period.ts';

export interface EnteredParts {
  readonly store: Store;
  readonly institutions: (sender: string) => Institution | undefined;
  readonly waitDays: number;
  readonly waitRule?: WaitRule;
  /** IANA name. */
  readonly timeZone: string;
  /** Milliseconds. */
  readonly now: () => number;
}

/** Patients read at once; each page is a look at the whole index, so they are large. */
const pageSize = 5000;
/** Patients judged without letting others have their turn. */
const atATime = 250;

/** References of the Patients, `Patient/<id>`. */
export type EnteredWithoutNotice = () => Promise<readonly string[]>;

export function createEntered({ store, institutions, waitDays, waitRule, timeZone }: EnteredParts): EnteredWithoutNotice {
  const server = asServer('look for whoever entered without notice');
  let found = new Set<string>();
  /** Milliseconds up to which all versions were looked at. */
  let seen = 0;
  let turn: Promise<unknown> = Promise.resolve();

  async function isNoticed(current: Version): Promise<boolean> {
    const sender = (await store.sender(server, 'Patient', current.id))!;
    if (!sender.startsWith('Organization/')) return true;
    // What came first may have been changed since: it is the first version that had to have a notice.
    const first = current.versionId === 1 ? current : ((await store.version(server, 'Patient', current.id, 1)) ?? current);
    const institution = institutions(sender);
    const own = institution === undefined ? '' : ownNumbersOf(institution);
    const keys = personKeys(JSON.parse(first.bytes.toString()) as AnyResource, institution?.code).filter(key => key.startsWith(own));
    const marked = new Set(keys.map(store.mark));
    const entered = dayNumber(first.lastUpdated, timeZone);
    return (await store.lines(keys)).some(
      line =>
        line.list === 'notice' &&
        line.sender === sender &&
        !(line.until !== undefined && line.until < first.lastUpdated) &&
        line.persons.some(name => marked.has(name)) &&
        firstPermittedDay(dayNumber(line.from, timeZone), waitDays, waitRule) <= entered,
    );
  }

  async function look(): Promise<readonly string[]> {
    const without = new Set<string>();
    for (const reference of found) {
      const version = await store.read(server, 'Patient', reference.slice('Patient/'.length));
      if (version !== undefined && !version.deleted && !(await isNoticed(version))) without.add(reference);
    }
    let last = seen;
    let cursor: Cursor | undefined;
    do {
      const page = await store.search(
        server,
        searchFor('Patient', [{ kind: 'lastUpdated', values: [{ prefix: 'ge', low: seen, high: seen, value: seen }] }], pageSize),
        cursor,
      );
      for (const [i, version] of page.matches.entries()) {
        if (i % atATime === 0) await setImmediate();
        last = Math.max(last, version.lastUpdated);
        if (!(await isNoticed(version))) without.add(`Patient/${version.id}`);
      }
      cursor = page.next;
    } while (cursor !== undefined);
    found = without;
    seen = last;
    return [...without].sort();
  }

  return () => {
    const looked = turn.then(look, look);
    turn = looked;
    return looked;
  };
}

/**
 * Throws Problem where no release may leave: one is stopped, or somebody entered without notice. The latter is a breach: its clock starts, and release is stopped until the operator resumes it.
 */
export const createReleaseCheck =
  ({ store, now }: Pick<EnteredParts, 'store' | 'now'>, entered: EnteredWithoutNotice): (() => Promise<void>) =>
  async () => {
    await releasable(store);
    if ((await entered()).length === 0) return;
    const entry: StopEntry = { event: 'breach', what: ['release'], reason: 'entered without notice', time: now(), by: 'noren' };
    await store.commit({ writes: [], entries: [{ book: stopsBook, entry: entry as unknown as Json }] });
    throw new Problem('business-rule', 'Somebody entered without notice: release is stopped until the operator resumes it.');
  };
