/**
 * A commit made ready: judged against the state, its resources in their final bytes, its index records, in blocks by the owner of their data key.
 * Nothing is changed here; what throws refuses this commit alone.
 * @module
 */
import { asServer, type Criterion } from '../../model/access.ts';
import { Problem } from '../../model/outcome.ts';
import type { AnyResource, Json } from '../../model/r4.ts';
import type { Predicate } from '../../search/query.ts';
import type { Values } from '../../search/values.ts';
import { blockBytes, type Entry } from '../block.ts';
import { Evaluation } from '../index/evaluate.ts';
import { guardOf } from '../index/guard.ts';
import { Bits } from '../index/person-set.ts';
import { type Mentions, mentions } from '../index/persons.ts';
import { guard, State } from '../index/state.ts';
import type { KeyOwner } from '../keys/keyring.ts';
import type { NameMark } from '../keys/mark.ts';
import { type Commit, type Criteria, Stale, type Write } from '../store.ts';
import { edition } from './edition.ts';

/** Blocks that share a key; numbers are given when they are stored. */
export interface Run {
  readonly owner: KeyOwner;
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
  readonly extract: (resource: AnyResource) => Values;
  readonly baseUrl: string;
  readonly institutionCode: (sender: string) => string | undefined;
  /** Names of persons in their stored form. */
  readonly mark: NameMark;
  /** Whether what a sender has of a type outlives the persons that it names by reference alone. */
  readonly keeps: (sender: string, type: string) => boolean;
  readonly now: number;
}

interface Made {
  readonly write: Write;
  readonly bytes: Buffer;
  readonly values: Values;
  readonly mentions: Mentions;
  readonly sender: string;
  readonly versionId: number;
  readonly legal: boolean;
}

/** Throws Stale, or the Problem that refuses the commit. */
export function judge(
  commit: Commit,
  { state, mark, now }: Pick<Making, 'state' | 'mark' | 'now'>,
  book: (name: string) => readonly Json[] = name => state.book(name),
): void {
  // Who objects, or was told, is written down to the last.
  if (state.isFull && commit.writes.length > 0 && (commit.lists ?? []).length === 0)
    throw new Problem('unavailable', 'The store holds as many resources as one process can; nothing more is taken.');
  for (const criteria of commit.criteria ?? []) if (!stillMatches(state, criteria, now)) throw new Stale();
  if (commit.unchanged !== undefined) {
    // Who is erased has a line that changes, under every number that he ever had.
    const { moment, list, persons } = commit.unchanged;
    const changed = Bits.of(state.persons.size, state.lists.changedSince(moment, list));
    if (persons.and(changed).size > 0) throw new Stale();
  }
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
  for (const check of commit.checks ?? []) check.judge(state.lists.of(check.persons.map(mark)), book);
}

const stillMatches = (state: State, { access, query, ids }: Criteria, now: number): boolean => {
  const evaluation = new Evaluation(state, access, state.ledger.last, now);
  const found = evaluation
    .run(query.type, query.where)
    .map(seq => state.ledger.name(state.ledger.resource(seq)).slice(query.type.length + 1));
  return found.length === ids.length && found.sort().every((id, i) => id === ids[i]);
};

/** @param last number of the last version before it */
export function prepare(commit: Commit, making: Making, last: number): Prepared {
  const sources = new Set((commit.lists ?? []).map(line => line.source));
  const groups = new Map<string, { owner: KeyOwner; writes: { made: Made; order: number }[] }>();
  const all = new Map(commit.writes.map(write => [`${write.type}/${write.id}`, make(write, sources, making)]));
  [...all.values()].forEach((one, order) => {
    const made = one.values[guard] === undefined ? one : { ...one, mentions: withGuard(one, all, making.state) };
    const { write } = made;
    const owner = ownerOf({ ...made, type: write.type }, making);
    const name = `${owner.kind} ${owner.owner}`;
    const group = groups.get(name);
    if (group) group.writes.push({ made, order });
    else groups.set(name, { owner, writes: [{ made, order }] });
  });
  const seqs: number[] = [];
  let seq = last;
  const runs = [...groups.values()].map(({ owner, writes }): Run => {
    const run: Run = { owner, entries: [], blocks: [[]] };
    let size = 0;
    for (const { made, order } of writes) {
      if (size > 0 && size + made.bytes.length > blockBytes) {
        run.blocks.push([]);
        size = 0;
      }
      const { write, sender, values, mentions, versionId, legal } = made;
      seqs[order] = ++seq;
      run.entries.push([
        {
          seq,
          type: write.type,
          id: write.id,
          time: making.now,
          sender,
          values,
          mentions,
          ...(made.bytes.length === 0 ? {} : { made: edition().mark }),
          ...(versionId === 1 ? {} : { versionId }),
          ...(legal ? { legal } : {}),
        },
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

function make(write: Write, sources: ReadonlySet<string>, { state, extract, baseUrl, institutionCode, mark, now }: Making): Made {
  const { ledger } = state;
  const resourceNumber = ledger.find(`${write.type}/${write.id}`);
  const current = ledger.current(resourceNumber);
  const sender = current === 0 ? write.sender : ledger.sender(resourceNumber);
  const versionId = current === 0 ? 1 : ledger.versionId(current) + 1;
  const legal = write.legal ?? (write.type === 'Consent' || sources.has(`${write.type}/${write.id}`));
  if (!write.resource) {
    // A deletion is about whom the version before it was about, so that it is hidden and erased alike.
    return { write, bytes: Buffer.alloc(0), values: {}, mentions: { about: state.named(current), same: [] }, sender, versionId, legal };
  }
  const final = stamp(write.resource, write.id, versionId, now);
  const values = valuesOf(extract, baseUrl)(final);
  if (write.within && !meetsOne(values, write, write.within)) throw new Problem('forbidden');
  return {
    write,
    bytes: Buffer.from(JSON.stringify(final)),
    values,
    mentions: marked(mentions(write.resource.id === write.id ? write.resource : final, baseUrl, institutionCode(sender)), mark),
    sender,
    versionId,
    legal,
  };
}

/** All values that the index keeps of a resource. */
export const valuesOf =
  (extract: Making['extract'], baseUrl: string) =>
  (resource: AnyResource): Values => ({ ...extract(resource), ...guardOf(resource, baseUrl) });

/** What a Binary's guard is about, and the guard of that one, the Binary is about: it is left out and erased with it. Guards may come in the same commit. */
function withGuard({ values, mentions }: Made, commit: ReadonlyMap<string, Made>, state: State): Mentions {
  const about = new Set(mentions.about);
  const met = new Set<string>();
  for (let name = values[guard]?.[0] as string | undefined; name !== undefined && !met.has(name); ) {
    met.add(name);
    const beside = commit.get(name);
    // What was stored before is about what its own guards were about.
    for (const one of beside?.mentions.about ?? state.named(state.ledger.current(state.ledger.find(name)))) about.add(one);
    name = beside?.values[guard]?.[0] as string | undefined;
  }
  return { ...mentions, about: [...about] };
}

export const marked = ({ about, same }: Mentions, mark: NameMark): Mentions => ({ about: about.map(mark), same: same.map(mark) });

/** Whether a search by one of the lists would find the resource: asked of an index that holds nothing else, so that it is judged as it will be. */
function meetsOne(values: Values, { type, id }: Write, lists: readonly (readonly Criterion[])[]): boolean {
  const alone = new State();
  alone.apply({ seq: 1, type, id, time: 0, sender: '', values, mentions: { about: [], same: [] } }, { block: 0, offset: 0, length: 1 });
  const evaluation = new Evaluation(alone, asServer('judge a resource before it is written'), 1, 0);
  return lists.some(list => evaluation.run(type, list as readonly Predicate[]).length > 0);
}

/** resourceType, id and meta first, as most servers write them. */
function stamp(resource: AnyResource, id: string, versionId: number, time: number): AnyResource {
  const { resourceType, id: _, meta, ...rest } = resource;
  const { versionId: __, lastUpdated: ___, ...kept } = meta ?? {};
  return { resourceType, id, meta: { versionId: String(versionId), lastUpdated: new Date(time).toISOString(), ...kept }, ...rest };
}

/**
 * A key covers versions that are erased together or not at all: of one sender, about the same persons (a set of persons only ever grows into one by joining),
 * legal or not. What outlives a person has keys by the very names in it, because by a name that is no reference it does not.
 */
export function ownerOf(
  { type, sender, mentions, legal }: { type: string; sender: string; mentions: Mentions; legal: boolean },
  { state, keeps }: Pick<Making, 'state' | 'keeps'>,
): KeyOwner {
  const { about } = mentions;
  if (about.length === 0) return { kind: 'common', owner: '' };
  if (!legal && keeps(sender, type)) return { kind: 'kept', owner: JSON.stringify([sender, type, [...about].sort()]) };
  const persons = JSON.stringify(personsOf(mentions, state));
  return legal ? { kind: 'legal', owner: persons } : { kind: 'care', owner: `${sender} ${persons}` };
}

/** One name for each person that a version is about. Nothing is joined yet: what a record says of its own names counts already. */
function personsOf({ about, same }: Mentions, { persons }: State): string[] {
  const own = new Set(same);
  const nameOf = (name: string): string => {
    const number = persons.find(name);
    return number < 0 ? name : persons.label(persons.person(number));
  };
  return [...new Set(about.map(name => nameOf(own.has(name) ? same[0]! : name)))].sort();
}
