/**
 * A pass between the two: over those texts alone that may have in them what is looked for.
 * @module
 */
import type { AnyResource } from '../fhir/model/r4.ts';
import type { Input } from './inputs.ts';
import { type Piece, reading, textsOf } from './pieces.ts';
import { rootOf, type Where } from './resources.ts';
import { Stop } from './stop.ts';

/**
 * What cannot be read is passed over: the first pass has told of it. What has changed since then the last one finds.
 * @param word in every text that is meant; with escapes it may be written otherwise
 */
export async function look(input: Input, piece: Piece, word: string, each: (root: AnyResource, where: Where) => void): Promise<void> {
  try {
    for await (const texts of textsOf(input, piece, reading())) {
      for (const { line, bytes } of texts) {
        if (!bytes.includes(word) && !bytes.includes('\\u')) continue;
        try {
          each(rootOf(bytes), { file: input.name, piece: piece.number, line });
        } catch {
          // When it is written it is told of again, or skipped.
        }
      }
    }
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
  }
}
