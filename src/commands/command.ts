/**
 * What a command of the command line is, and how it ends: 0 done, 1 refused or failed, always with one sentence.
 * Results go to stdout, everything said to a person goes to stderr.
 * @module
 */
import { settings } from '../config.ts';

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What `--help` shows: call, flags, defaults, exit codes. */
  readonly usage: string;
  /** @returns exit code */
  run(args: string[]): Promise<number>;
}

/** A refusal that a person can act on: printed as one sentence without a stack, exit code 1. */
export class Refusal extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'Refusal';
  }
}

/** Lines of `--help` for some settings of config.ts: flag, variable, default, meaning. */
export function settingsHelp(names: readonly (keyof typeof settings)[]): string {
  const rows = names.map(name => {
    const { flag, type, variable, unit, fallback, meaning } = settings[name];
    return [`  --${flag} ${type}`, variable, `${meaning}${unit === '' ? '' : ` (${unit})`}; default ${fallback}`] as const;
  });
  const width = (column: 0 | 1) => Math.max(...rows.map(r => r[column].length));
  return rows.map(r => `${r[0].padEnd(width(0))}  ${r[1].padEnd(width(1))}  ${r[2]}`).join('\n');
}
