/**
 * `DATA/closed.json`: a data directory that was restored, or that another store is being carried into, and from what. While the file is there no server starts on it: it would show whoever
 * objected since the copy was made, or half of what there is.
 * @module
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Refusal } from './command.ts';

export interface Closed {
  /** ISO instant of the copy, or at which the migration began. */
  readonly time: string;
  /** Records of the journal that are in it already; absent: those from before the copy. */
  readonly journaled?: number;
  /** Which store is being carried into it (carry/side.ts), and where its log ends; absent: it was restored. */
  readonly migration?: { readonly from: string; readonly until: readonly [number, number] };
}

const fileOf = (data: string): string => path.join(data, 'closed.json');

export const close = (data: string, closed: Closed): void => writeFileSync(fileOf(data), JSON.stringify(closed) + '\n', { mode: 0o600 });

export function closedOf(data: string): Closed | undefined {
  return existsSync(fileOf(data)) ? (JSON.parse(readFileSync(fileOf(data), 'utf8')) as Closed) : undefined;
}

export const reopen = (data: string): void => rmSync(fileOf(data));

/** @throws Refusal that says what is to be done first */
export function checkOpen(data: string): void {
  const closed = closedOf(data);
  if (closed?.migration)
    throw new Refusal(`The migration into ${data} that began ${closed.time} is not finished: call the same noren migrate again.`);
  if (closed)
    throw new Refusal(
      `${data} was restored from a copy of ${closed.time} and stays closed until what was objected to and destroyed since is done again: noren restore --replay JOURNAL --data ${data}`,
    );
}
