/**
 * A pass over a piece that was surveyed: each text once more, or those alone that may have in them what is looked for.
 * @module
 */
import type { AnyResource } from '../fhir/model/r4.ts';
import type { Input } from './inputs.ts';
import { noted, type Only } from './notes.ts';
import { hashing, type Piece, textsOf } from './pieces.ts';
import { rootOf, type Where } from './resources.ts';
import type { Places, Shelf } from './shelf.ts';
import { Stop } from './stop.ts';

/** What the first pass saw of a piece. */
export interface Seen {
  readonly hash: string;
  /** Where the notes of its texts lie; absent: none were taken. */
  readonly notes?: Places;
}

/** A piece that was surveyed. */
export interface PieceSeen extends Seen {
  readonly input: Input;
  readonly piece: Piece;
}

export interface Looking {
  /** Is told of each text that cannot be treated, and (line 0) of what cannot be read. Absent: the first pass has told of it, and when it is written it is told of again. */
  readonly bad?: (error: unknown, line: number) => void;
  /** In every text that is meant; with escapes it may be written otherwise. Absent: all are. */
  readonly word?: string;
}

/** @param each is told how to read one @throws Stop: what was seen of other bytes says nothing of these */
export async function again(
  { input, piece, hash, notes }: PieceSeen,
  shelf: Shelf,
  each: (read: () => AnyResource, where: Where, only: Only | undefined) => void,
  { bad = () => {}, word }: Looking = {},
): Promise<void> {
  const read = hashing();
  const taken = notes === undefined ? undefined : new Uint32Array(new Uint8Array(shelf.takeUp(notes)).buffer);
  let text = 0;
  try {
    for await (const texts of textsOf(input, piece, read)) {
      for (const { line, bytes } of texts) {
        const only = taken && noted(taken, text++);
        if (word !== undefined && !bytes.includes(word) && !bytes.includes('\\u')) continue;
        try {
          each(
            () => (only === undefined ? rootOf(bytes) : (JSON.parse(bytes.toString()) as AnyResource)),
            { file: input.name, folder: input.folder, piece: piece.number, line },
            only,
          );
        } catch (error) {
          bad(error, line);
        }
      }
    }
  } catch (error) {
    bad(error, 0);
  }
  if (read.hash.digest('hex') !== hash) throw new Stop('it has changed while it was read');
}
