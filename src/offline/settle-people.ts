/**
 * What stands between the two passes under a policy in Noren's language: persons are put together, whatever is referred to by a number is looked for, and all workers are told.
 * @module
 */
import type { Known } from '../deid/text/index.ts';
import type { Crew } from './crew.ts';
import type { Input } from './inputs.ts';
import { type Laid, shareKnown } from './known.ts';
import type { NamesMet } from './names.ts';
import { type NumbersFound, NumbersMet, type SharedNumbers } from './numbers.ts';
import type { Gathering } from './people.ts';
import { type Piece, piecesOf } from './pieces.ts';
import { Table } from './table.ts';

/** What the first pass met. */
export interface Met {
  readonly gathering: Gathering;
  readonly names: NamesMet;
  /** Numbers by which others than patients are referred to, if any. */
  readonly asked: Table;
  /** Where texts are cleaned. */
  readonly known?: { readonly laid: readonly Laid[]; readonly registry: Known };
}

/** Persons of which a worker makes what must be known at a time. */
const atOnce = 500;

/** @param begins is told of each pass over the input that comes on top @returns how many persons there are */
export async function settlePeople(
  crew: Crew,
  inputs: readonly Input[],
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
  // What is a person's number leads to him.
  const others = new Table(2);
  for (const [a, b] of asked) if (table.number(a, b) === undefined) others.put(a, b);
  const numbers = await numbersOf(crew, inputs, others, begins, went);
  const texts =
    known === undefined
      ? {}
      : { texts: { known: shareKnown(known.laid, gathering.count, (a, b) => table.number(a, b)), registry: known.registry } };
  await crew.tell({ kind: 'people', people, names: shared, numbers, ...texts });
  return gathering.count;
}

async function numbersOf(
  crew: Crew,
  inputs: readonly Input[],
  asked: Table,
  begins: () => void,
  went: (input: Input, piece: Piece) => void,
): Promise<SharedNumbers> {
  const met = new NumbersMet();
  if (asked.count > 0) {
    begins();
    const tasks = inputs.flatMap(input => piecesOf(input).map(piece => ({ kind: 'numbers', input, piece, asked: asked.shared }) as const));
    await crew.all(tasks, (answer, { input, piece }) => {
      met.add(answer as NumbersFound);
      went(input, piece);
      return [];
    });
  }
  return met.share();
}
