/**
 * What one application of rules is given and keeps: nothing here reads a clock, a file name or a source of random numbers.
 * @module
 */
import type { Civil } from '../calendar.ts';
import { hexOf } from '../digits.ts';
import { macUnder } from '../mac.ts';
import { Recent } from '../recent.ts';
import { offsets } from './offsets.ts';
import { hashedReference } from './references.ts';
import type { RulesParameters } from './rule.ts';

/** In the order in which their labels are written. A shifted date counts by itself, its label is that of `perturb`. */
export const operations = ['redact', 'abstract', 'cryptoHash', 'encrypt', 'perturb', 'dateShift', 'substitute', 'generalize'] as const;
export type Operation = (typeof operations)[number];
/** Operation → its place in the order. */
export const orderOf = Object.fromEntries(operations.map((name, i) => [name, i])) as Readonly<Record<Operation, number>>;
export type Operations = Readonly<Record<Operation, number>>;

export interface RulesContext {
  /** The day from which ages are reckoned. */
  readonly now: Civil;
  /** With its ending, without its folder; for the scope `file`. */
  readonly fileName?: string;
  /** Last part of the input folder; for the scope `folder`. */
  readonly folderName?: string;
  /** So many bytes that nobody can foretell. */
  readonly random: (bytes: number) => Uint8Array;
  /** What stands in for keys that the configuration leaves empty: 32 characters each; `dateShift` new for each configuration, `crypto` for hashes and encryption alike. */
  readonly keys: { readonly dateShift: string; readonly crypto: string };
}

/** What is worked out once for a context and its parameters. */
export interface Means {
  readonly context: RulesContext;
  readonly parameters: RulesParameters;
  /** HMAC-SHA-256, 64 hexadecimal digits; of an empty text the empty text. */
  readonly hash: (text: string) => string;
  /** The same of the id in the text of a Reference. */
  readonly hashReference: (text: string) => string;
  readonly encryptKey: Buffer;
  /** Days by which dates move, from a prefix. */
  readonly offset: (prefix: string) => number;
  /** Prefix by file or folder; empty: the id of the root. */
  readonly prefix: string;
}

/** Of Synthea's, so many spare a quarter of the hashes that 256 would take; of references most are to what was just referred to. */
const mostHashes = 4096;
const mostReferences = 256;
/** Letters of a text that is remembered: that of an attachment comes once. */
const longestKept = 256;

/** One patient's id stands in many references. @param places how many are kept */
function remembered(work: (text: string) => string, places: number): (text: string) => string {
  const recent = new Recent<string>(places);
  return text => (text.length > longestKept ? work(text) : recent.of(text, work));
}

export function meansOf(parameters: RulesParameters, context: RulesContext): Means {
  const hmac = macUnder(Buffer.from(parameters.cryptoHashKey || context.keys.crypto));
  const { dateShiftScope: scope } = parameters;
  const hash = remembered(text => (text === '' ? '' : hexOf(hmac(text))), mostHashes);
  return {
    context,
    parameters,
    hash,
    hashReference: remembered(text => hashedReference(text, hash), mostReferences),
    encryptKey: Buffer.from(parameters.encryptKey || context.keys.crypto),
    offset: offsets(parameters.dateShiftKey || context.keys.dateShift),
    prefix: (scope === 'file' ? context.fileName : scope === 'folder' ? context.folderName : '') ?? '',
  };
}

type Counts = [number, number, number, number, number, number, number, number];

/** State of one application to one root resource. */
export class Run {
  readonly means: Means;
  /** By the order of `operations`. */
  readonly counts: Counts = [0, 0, 0, 0, 0, 0, 0, 0];
  /** Bits, by the order of `operations`, of what was done to the resource that is being treated. */
  done = 0;
  /** The id of the root as it is when a rule of this number works. */
  rootId: (rule: number) => string = () => '';

  constructor(means: Means) {
    this.means = means;
  }

  record(operation: number): void {
    this.counts[operation]!++;
    this.done |= 1 << operation;
  }

  get operations(): Operations {
    const [redact, abstract, cryptoHash, encrypt, perturb, dateShift, substitute, generalize] = this.counts;
    return { redact, abstract, cryptoHash, encrypt, perturb, dateShift, substitute, generalize };
  }
}
