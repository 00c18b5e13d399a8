/**
 * A commit made ready: judged against the state, its resources in their final bytes, its index records, in blocks by data key.
 * Nothing is changed here; what throws refuses this commit alone.
 * @module
 */
import { Problem } from '../../model/outcome.ts';
import type { AnyResource } from '../../model/r4.ts';
import type { Values } from '../../search/values.ts';
import { blockBytes, type Entry } from '../block.ts';
import { Evaluation } from '../index/evaluate.ts';
import { type Mentions, mentions } from '../index/persons.ts';
import type { State } from '../index/state.ts';
import type { DataKey, Keyring } from '../keys/keyring.ts';
import { type Commit, type Criteria, Stale, type Write } from '../store.ts';

/** Blocks that share a key; numbers are given when they are stored. */
export interface Run {
  readonly key: DataKey;
  readonly entries: Entry[];
  /** For each block the bytes of its versions. */
  readonly blocks: Buffer[][];
}

export interface Prepared {
  readonly runs: readonly Run[];
  /** Number of the version of each write, in the order of the writes. */
  readonly seqs: readonly number[];
}

export interface Making {
  readonly state: State;
  readonly keyring: Keyring;
  readonly extract: (resource: AnyResource) => Values;
  readonly baseUrl: string;
  readonly institutionCode: (sender: string) => string | undefined;
  readonly now: number;
}

interface Made {
  readonly write: Write;
  readonly bytes: Buffer;
  readonly values: Values;
  readonly mentions: Mentions;
  readonly sender: string;
}

/** Throws Stale, or the Problem that refuses the commit. */
export function judge(commit: Commit, { state, now }: Pick<Making, 'state' | 'now'>): void {
  for (const criteria of commit.criteria ?? []) if (!stillMatches(state, criteria, now)) throw new Stale();
  const touched = new Set<string>();
  for (const write of commit.writes) {
    const name = `${write.type}/${write.id}`;
    if (touched.has(name)) throw new Problem('invalid-request', 'A transaction may touch a resource only once.');
    touched.add(name);
    const current = state.ledger.current(state.ledger.find(name));
    const held =
      write.expect === 'any' ||
      (write.expect === 'absent' ? current === 0 : current !== 0 && state.ledger.versionId(current) === write.expect);
    if (!held) throw new Problem('precondition-failed', 'The resource has another version by now.');
  }
  for (const check of commit.checks ?? []) check.judge(state.lists.of(check.persons), name => state.book(name));
}

const stillMatches = (state: State, { access, query, ids }: Criteria, now: number): boolean => {
  const evaluation = new Evaluation(state, access, state.ledger.last, now);
  const found = evaluation
    .run(query.type, query.where)
    .map(seq => state.ledger.name(state.ledger.resource(seq)).slice(query.type.length + 1));
  return found.length === ids.length && found.sort().every((id, i) => id === ids[i]);
};

export function prepare(commit: Commit, making: Making): Prepared {
  const { state } = making;
  const legal = new Set((commit.lists ?? []).map(line => line.source));
  const groups = new Map<number, { key: DataKey; writes: { made: Made; order: number }[] }>();
  commit.writes.forEach((write, order) => {
    const made = make(write, making);
    const key = keyOf(made, legal.has(`${write.type}/${write.id}`), making);
    const group = groups.get(key.id);
    if (group) group.writes.push({ made, order });
    else groups.set(key.id, { key, writes: [{ made, order }] });
  });
  const seqs: number[] = [];
  let seq = state.ledger.last;
  const runs = [...groups.values()].map(({ key, writes }): Run => {
    const run: Run = { key, entries: [], blocks: [[]] };
    let size = 0;
    for (const { made, order } of writes) {
      if (size > 0 && size + made.bytes.length > blockBytes) {
        run.blocks.push([]);
        size = 0;
      }
      const { write, sender, values, mentions } = made;
      seqs[order] = ++seq;
      run.entries.push([
        { seq, type: write.type, id: write.id, time: making.now, sender, values, mentions },
        made.bytes.length,
        run.blocks.length - 1,
      ]);
      run.blocks[run.blocks.length - 1]!.push(made.bytes);
      size += made.bytes.length;
    }
    return run;
  });
  return { runs, seqs };
}

function make(write: Write, { state, extract, baseUrl, institutionCode, now }: Making): Made {
  const { ledger } = state;
  const resourceNumber = ledger.find(`${write.type}/${write.id}`);
  const current = ledger.current(resourceNumber);
  const sender = current === 0 ? write.sender : ledger.sender(resourceNumber);
  if (!write.resource) {
    // A deletion is about whom the version before it was about, so that it lies under the same key and is hidden alike.
    const about = state.about(current).map(person => state.persons.label(person));
    return { write, bytes: Buffer.alloc(0), values: {}, mentions: { about, same: [] }, sender };
  }
  const final = stamp(write.resource, write.id, current === 0 ? 1 : ledger.versionId(current) + 1, now);
  return {
    write,
    bytes: Buffer.from(JSON.stringify(final)),
    values: extract(final),
    mentions: mentions(write.resource.id === write.id ? write.resource : final, baseUrl, institutionCode(sender)),
    sender,
  };
}

/** resourceType, id and meta first, as most servers write them. */
function stamp(resource: AnyResource, id: string, versionId: number, time: number): AnyResource {
  const { resourceType, id: _, meta, ...rest } = resource;
  const { versionId: __, lastUpdated: ___, ...kept } = meta ?? {};
  return { resourceType, id, meta: { versionId: String(versionId), lastUpdated: new Date(time).toISOString(), ...kept }, ...rest };
}

/** Consents and what makes a line on a patient list are the legal record; the rest is care data of the person it is about. */
function keyOf({ write, mentions: { about } }: Made, legal: boolean, { state, keyring }: Making): DataKey {
  if (about.length === 0) return keyring.keyFor('common', '');
  const kind = legal || write.legal === true || write.type === 'Consent' ? 'legal' : 'care';
  if (write.type === 'Patient') return keyring.keyFor(kind, `Patient/${write.id}`);
  const records = about.filter(name => name.startsWith('Patient/'));
  const owners = records.length > 0 ? records : about;
  const persons = new Set(owners.map(name => state.persons.person(state.persons.number(name))));
  return persons.size === 1 ? keyring.keyFor(kind, owners[0]!) : keyring.keyFor('shared', `${write.type}/${write.id}`);
}
