/**
 * Binaries of files, for policies that let them out: whose each is, is told by resources of any file, and which of them leave is known when they were looked into.
 * So there are two passes more before anything is written: over texts that speak of Binaries, and over the Binaries.
 * R4: https://hl7.org/fhir/R4/binary.html
 * @module
 */
import type { Claim } from '../release/files.ts';
import type { PieceSeen } from './again.ts';
import type { BinariesAnswer } from './binaries.ts';
import type { Crew } from './crew.ts';
import type { Input } from './inputs.ts';
import type { Piece } from './pieces.ts';

/** Asks all workers, and tells all. @param pieces of the whole input */
export async function settleBinaries(crew: Crew, pieces: readonly PieceSeen[], went: (input: Input, piece: Piece) => void): Promise<void> {
  const claims: Claim[] = [];
  const holding: PieceSeen[] = [];
  const ask = async (kind: 'claims' | 'leaving', some: readonly PieceSeen[], each: (answer: BinariesAnswer, of: PieceSeen) => void) =>
    await crew.all(
      // The notes tell of persons, and these passes look for more.
      some.map(({ input, piece, hash }) => ({ kind, input, piece, hash })),
      (answer, of) => {
        each(answer as BinariesAnswer, of);
        return [];
      },
    );
  await ask('claims', pieces, (answer, of) => {
    claims.push(...answer.claims);
    if (answer.names.length > 0) holding.push(of);
    went(of.input, of.piece);
  });
  await crew.tell({ kind: 'binaries', known: { claims } });
  const leaving = new Set<string>();
  await ask('leaving', holding, ({ names }) => {
    for (const name of names) leaving.add(name);
  });
  await crew.tell({ kind: 'binaries', known: { claims, leaving } });
}
