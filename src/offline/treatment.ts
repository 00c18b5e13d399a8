/**
 * What becomes of one text of a file, a resource or a Bundle: by a policy in Noren's language (noren.ts), or by a configuration of another format.
 * @module
 */

import type { DicomResult } from '../deid/dicom/deidentify.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import type { Left } from '../release/peculiar.ts';
import type { Binaries } from './binaries.ts';
import type { Only } from './notes.ts';
import type { Where } from './resources.ts';

/** What was met and done, to be added up over pieces. */
export class Tallies {
  /** Resources by type that were read. */
  readonly read: Record<string, number> = {};
  /** And that left. */
  readonly left: Record<string, number> = {};
  /** Elements by measure, or by operation. */
  readonly measures: Record<string, number> = {};

  static add(to: Record<string, number>, name: string, count = 1): void {
    to[name] = (to[name] ?? 0) + count;
  }

  add(other: Pick<Tallies, 'read' | 'left' | 'measures'>): void {
    for (const part of ['read', 'left', 'measures'] as const)
      for (const [name, count] of Object.entries(other[part])) Tallies.add(this[part], name, count);
  }
}

/** What leaves of a text. */
export interface Made {
  /** By which lines are put in order: the pseudonym, 36 characters. */
  readonly key: string;
  /** JSON without a line break. */
  readonly text: string | Buffer;
}

export interface Treatment {
  /** Lines stay in the order of the input; else the keys shuffle them. */
  readonly keepsOrder: boolean;
  /** Where a policy looks at the data set as a whole: what would leave of a text, to be counted; and what came of the count. Before anything is written. */
  readonly dataSet?: {
    readonly leaving: (root: AnyResource, where: Where, only: Only | undefined) => readonly Left[];
    readonly plan: (json: unknown) => void;
  };
  /** Where a policy lets Binaries out: what is known of them, and names of those that leave of a text. */
  readonly binaries?: { readonly known: Binaries; readonly leaving: (root: AnyResource, where: Where) => readonly string[] };
  /** What becomes of a file of DICOM; absent: none is given out. */
  readonly object?: (bytes: Uint8Array) => DicomResult;
  /** undefined: nothing leaves. @param read gives the text's root, each time a new one @param only whom it refers to, if that is known @throws Stop, Problem, PolicyError without a value of the resource */
  resource(read: () => AnyResource, where: Where, tallies: Tallies, only: Only | undefined): Made | undefined;
}
