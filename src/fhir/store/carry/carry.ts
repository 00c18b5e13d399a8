/**
 * Carries a store into an empty one: the root of the keys, the keys, the tombstones, then the log in order. Killed anywhere it is gone on with by the same call: the target says how far it is.
 * The target stays marked, so that no server starts on it, until its owner has compared both (tally.ts) and opens it.
 * @module
 */
import { floats } from '../index/column.ts';
import { nameOfStore, otherStore, type Place, type Side } from './side.ts';

export interface Carrying {
  readonly source: Side;
  readonly target: Side;
  /** Told how far it is, in places of the source. */
  readonly at?: (place: Place) => void;
  /** Told where it stands, for tests that end the process there. */
  readonly step?: (name: 'marked' | 'keyed' | 'taken' | 'complete') => void;
}

export interface Carried {
  /** Where the log of the source ended. */
  readonly until: Place;
  /** How far the target was already; undefined: it was empty. */
  readonly from?: Place;
}

/** @throws Error with one sentence */
export async function carry({ source, target, at = () => {}, step = () => {} }: Carrying): Promise<Carried> {
  const root = await source.keys.root();
  if (!root) throw new Error('There are no keys at the source.');
  const until = await source.end();
  const { last, unfinished, half } = await source.survey();
  if (half) throw new Error('The migration into the source is not finished.');
  if (unfinished) throw new Error('An erasure or a purge was cut off in the source: start a server on it once, it finishes that.');
  const there = await target.keys.root();
  if (there && !there.equals(root)) throw new Error(otherStore);
  const from = await target.begin(nameOfStore(root), until);
  step('marked');
  const number = await numbering(source, target);
  if (isStart(from)) {
    await target.keys.begin(root);
    for await (const keys of source.keys.all()) await target.keys.take(keys.map(one => ({ ...one, id: number(one.id) })));
    await target.keys.lay(await source.keys.stones());
    await target.takeEditions(await source.editions());
  }
  step('keyed');
  const whole: Place = [until[0], until[1] + 1];
  if (from.join() === whole.join()) return { until, from };
  for await (const piece of source.pieces(from)) {
    if (piece.runs.length + piece.notes.length > 0)
      await target.take({ ...piece, runs: piece.runs.map(run => ({ ...run, key: number(run.key) })) });
    at(piece.upTo);
    step('taken');
  }
  await target.complete(last, whole);
  step('complete');
  return isStart(from) ? { until } : { until, from };
}

const isStart = ([first, second]: Place): boolean => first === 0 && second === 0;

/** The numbers that keys have in the target. */
async function numbering(source: Side, target: Side): Promise<(id: number) => number> {
  if (!target.numbersKeys) return id => id;
  const ids = floats();
  for await (const keys of source.keys.all()) for (const { id } of keys) ids.push(id);
  return id => {
    let [low, high] = [0, ids.length - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (ids.at(middle) < id) low = middle + 1;
      else high = middle;
    }
    if (ids.at(low) !== id) throw new Error('A key has come to the source meanwhile.');
    return low + 1;
  };
}
