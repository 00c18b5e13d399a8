/**
 * What one application of rules is given and keeps: nothing here reads a clock, a file name or a source of random numbers.
 * @module
 */
import { createHmac, createSecretKey } from 'node:crypto';
import type { Civil } from '../calendar.ts';
import type { RulesParameters } from './configuration.ts';

/** In the order in which their labels are written. A shifted date counts by itself, its label is that of `perturb`. */
export const operations = ['redact', 'abstract', 'cryptoHash', 'encrypt', 'perturb', 'dateShift', 'substitute', 'generalize'] as const;
export type Operation = (typeof operations)[number];
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
  readonly encryptKey: Buffer;
  readonly dateShiftKey: string;
  /** Prefix by file or folder; empty: the id of the root. */
  readonly prefix: string;
}

const mostHashes = 20_000;

export function meansOf(parameters: RulesParameters, context: RulesContext): Means {
  const key = createSecretKey(Buffer.from(parameters.cryptoHashKey || context.keys.crypto));
  // One patient's id stands in many references.
  const hashes = new Map<string, string>();
  const { dateShiftScope: scope } = parameters;
  return {
    context,
    parameters,
    hash: text => {
      if (text === '') return '';
      let found = hashes.get(text);
      if (found === undefined) {
        if (hashes.size >= mostHashes) hashes.clear();
        hashes.set(text, (found = createHmac('sha256', key).update(text).digest('hex')));
      }
      return found;
    },
    encryptKey: Buffer.from(parameters.encryptKey || context.keys.crypto),
    dateShiftKey: parameters.dateShiftKey || context.keys.dateShift,
    prefix: (scope === 'file' ? context.fileName : scope === 'folder' ? context.folderName : '') ?? '',
  };
}

/** State of one application to one root resource. */
export class Run {
  readonly means: Means;
  readonly counts = Object.fromEntries(operations.map(name => [name, 0])) as Record<Operation, number>;
  /** Bits, by the order of `operations`, of what was done to the resource that is being treated. */
  done = 0;
  /** The id of the root as it is when a rule of this number works. */
  rootId: (rule: number) => string = () => '';

  constructor(means: Means) {
    this.means = means;
  }

  record(operation: Operation): void {
    this.counts[operation]++;
    this.done |= 1 << operations.indexOf(operation);
  }
}
