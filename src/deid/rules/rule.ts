/**
 * What a rule of the format and the parameters beside it are, once they are read.
 * @module
 */
import type { Json } from '../../fhir/model/r4.ts';
import type { RulePath } from './path.ts';

export interface PerturbOptions {
  /** Decimal text, not negative. */
  readonly span: string;
  readonly proportional: boolean;
  /** Decimals, 0 to 28. */
  readonly roundTo: number;
}

export interface GeneralizeOptions {
  /** FHIRPath of the condition, FHIRPath of the value; in the order of the file. */
  readonly cases: readonly (readonly [string, string])[];
  readonly otherValues: 'redact' | 'keep';
}

/** What a rule does, with its options; `unknown` is a method that only code of the original could know. */
export type Method =
  | { readonly name: 'keep' | 'redact' | 'dateShift' | 'cryptoHash' | 'encrypt' }
  /** Text of a primitive; undefined: its value goes. `json` for an element of a data type; undefined: no object, and the text is none either. */
  | { readonly name: 'substitute'; readonly text?: string; readonly json?: Json }
  | ({ readonly name: 'perturb' } & PerturbOptions)
  | ({ readonly name: 'generalize' } & GeneralizeOptions)
  | { readonly name: 'unknown'; readonly written: string };

export interface Rule {
  /** `fhirPathRules[3]`, for messages. */
  readonly place: string;
  readonly path: RulePath;
  readonly method: Method;
}

export type DateShiftScope = 'resource' | 'file' | 'folder';

export interface RulesParameters {
  /** Empty: the hidden one. So are the other keys. */
  readonly dateShiftKey: string;
  readonly dateShiftScope: DateShiftScope;
  readonly dateShiftFixedOffsetInDays?: number;
  readonly cryptoHashKey: string;
  readonly encryptKey: string;
  readonly enablePartialAgesForRedact: boolean;
  readonly enablePartialDatesForRedact: boolean;
  readonly enablePartialZipCodesForRedact: boolean;
  readonly restrictedZipCodeTabulationAreas: readonly string[];
}
