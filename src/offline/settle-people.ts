/**
 * What stands between the two passes under a policy in Noren's language: persons are put together, whatever is referred to by a number is looked for, and all workers are told.
 * @module
 */
import type { Known } from '../deid/text/index.ts';
import type { PieceSeen } from './again.ts';
import type { Crew } from './crew.ts';
import type { Input } from './inputs.ts';
import { type Laid, shareKnown } from './known.ts';
import type { NamesMet } from './names.ts';
import { type AllAsked, type NumbersFound, NumbersMet } from './numbers.ts';
import type { Gathering } from './people.ts';
import type { Piece } from './pieces.ts';
import { Table } from './table.ts';

/** What the first pass met. */
export interface Met {
  readonly gathering: Gathering;
  readonly names: NamesMet;
  /** Numbers by which something is referred to. */
  readonly asked: AllAsked;
  /** Where texts are cleaned. */
  readonly known?: { readonly laid: readonly Laid[]; readonly registry: Known };
}

/** Persons of which a worker makes what must be known at a time. */
const atOnce = 500;

/** @param begins is told of each pass over the input that comes on top @returns how many persons there are */
export async function settlePeople(
  crew: Crew,
  pieces: readonly PieceSeen[],
  { gathering, names, asked, known }: Met,
  begins: () => void,
  went: (input: Input, piece: Piece) => void,
): Promise<number> {
  const tasks = function* () {
    for (let from = 0; from < gathering.count; from += atOnce)
      yield { kind: 'persons', groups: gathering.groups(from, from + atOnce), rows: gathering.rows } as const;
  };
  const written = crew.all(tasks(), () => []);
  // What fails is told below; it may be before.
  written.catch(() => {});
  // While they are at it.
  const people = gathering.share();
  const shared = names.share();
  await written;
  const table = new Table(3, people.table);
  const numbers = new NumbersMet();
  if (!asked.areOf(table)) {
    begins();
    const tasks = pieces.map(seen => ({ kind: 'numbers', ...seen, asked: asked.numbers.shared }) as const);
    await crew.all(tasks, (answer, { input, piece }) => {
      numbers.add(answer as NumbersFound);
      went(input, piece);
      return [];
    });
  }
  const texts =
    known === undefined
      ? {}
      : { texts: { known: shareKnown(known.laid, gathering.count, (a, b) => table.number(a, b)), registry: known.registry } };
  await crew.tell({ kind: 'people', people, names: shared, numbers: numbers.share(), ...texts });
  return gathering.count;
}
