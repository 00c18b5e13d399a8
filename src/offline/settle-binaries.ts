/**
 * Binaries of files, for policies that let them out: whose each is, is told by resources of any file, and which of them leave is known when they were looked into.
 * So there are two passes more before anything is written: over texts that speak of Binaries, and over the Binaries.
 * R4: https://hl7.org/fhir/R4/binary.html
 * @module
 */
import type { Claim } from '../release/files.ts';
import type { BinariesAnswer } from './binaries.ts';
import type { Crew } from './crew.ts';
import type { Input } from './inputs.ts';
import { type Piece, piecesOf } from './pieces.ts';

/** Asks all workers, and tells all. */
export async function settleBinaries(crew: Crew, inputs: readonly Input[], went: (input: Input, piece: Piece) => void): Promise<void> {
  const claims: Claim[] = [];
  const holding: (readonly [Input, Piece])[] = [];
  const all = inputs.flatMap(input => piecesOf(input).map(piece => [input, piece] as const));
  const ask = async (kind: 'claims' | 'leaving', pieces: typeof all, each: (answer: BinariesAnswer, of: (typeof all)[number]) => void) =>
    await crew.all(
      pieces.map(([input, piece]) => ({ kind, input, piece })),
      (answer, { input, piece }) => {
        each(answer as BinariesAnswer, [input, piece]);
        return [];
      },
    );
  await ask('claims', all, (answer, of) => {
    claims.push(...answer.claims);
    if (answer.names.length > 0) holding.push(of);
    went(...of);
  });
  await crew.tell({ kind: 'binaries', known: { claims } });
  const leaving = new Set<string>();
  await ask('leaving', holding, ({ names }) => {
    for (const name of names) leaving.add(name);
  });
  await crew.tell({ kind: 'binaries', known: { claims, leaving } });
}
