/**
 * Why the work on files stops: one sentence that names files and lines, never a value of a patient.
 * @module
 */

import { PolicyError } from '../deid/policy.ts';
import { InputError, ProcessingError, ValueError } from '../deid/rules/errors.ts';
import { Problem } from '../fhir/model/outcome.ts';

export class Stop extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'Stop';
  }
}

/** A line or a file that cannot be used. */
export interface Bad {
  /** Name of the file, as below the directory that was named. */
  readonly file: string;
  /** From 1; absent: the whole file. */
  readonly line?: number;
  readonly reason: string;
}

export const sentenceOf = ({ file, line, reason }: Bad): string => `${file}${line === undefined ? '' : `, line ${line}`}: ${reason}`;

const ours = [Stop, Problem, PolicyError, InputError, ProcessingError, ValueError];

/** What may be said of an error: our own sentences hold no value, others might. */
export function reasonOf(error: unknown): string {
  if (ours.some(kind => error instanceof kind)) return (error as Error).message;
  return `could not be treated (${error instanceof Error ? error.name : 'error'})`;
}
