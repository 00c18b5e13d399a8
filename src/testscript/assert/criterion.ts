/**
 * What a judge of one family of criteria gets, and what it says.
 * @module
 */
import type { FhirPath } from '../fhirpath.ts';
import type { Memory } from '../memory.ts';
import type { Message } from '../message.ts';
import type { ProfileCheck } from '../profile.ts';
import type { Assert } from '../script.ts';
import type { Variables } from '../variables.ts';

export interface Bench {
  readonly memory: Memory;
  readonly variables: Variables;
  readonly fhirPath: FhirPath;
  /** `okay` holds for every status from 200 to 299, and not for 200 alone. */
  readonly anySuccessIsOkay: boolean;
  readonly validate: ProfileCheck;
}

/** @returns what does not hold, as a sentence; undefined: it holds. @throws Fault when it cannot be told */
export type Judge = (assert: Assert, message: Message, bench: Bench) => Promise<string | undefined> | string | undefined;
