/**
 * What every worker must know to treat a text: the policy, the keys, the day. Plain data, so that it can be told to a thread.
 * @module
 */
import { hkdfSync, randomBytes } from 'node:crypto';
import path from 'node:path';
import { civilOf } from '../deid/calendar.ts';
import { compilePolicy } from '../deid/compile.ts';
import type { Policy } from '../deid/policy.ts';
import { compileRules } from '../deid/rules/compile.ts';
import { readRules } from '../deid/rules/configuration.ts';
import type { RulesContext } from '../deid/rules/run.ts';
import { dayIn, type Series } from '../release/series.ts';
import { keysUnder } from './keys.ts';
import { byPolicy, type Known } from './noren.ts';
import { byRules } from './rules.ts';
import type { Treatment } from './treatment.ts';

export interface Plan {
  /** Noren's language, or the text of a configuration with `fhirPathRules`. */
  readonly policy: Policy | string;
  readonly secret: Uint8Array;
  readonly link?: Uint8Array;
  /** Base URL of the server that the input was exported from: references below it are relative ones. */
  readonly base: string;
  /** Milliseconds. */
  readonly now: number;
  /** IANA zone whose calendar days count. */
  readonly timeZone: string;
}

export interface Planned {
  /** Absent: persons need not be known before anything is written. */
  readonly series: Series | undefined;
  readonly keepsOrder: boolean;
  readonly base: string;
  /** Milliseconds. */
  readonly now: number;
  /** Day number. */
  readonly today: number;
  /** @param known where persons are to be known */
  readonly treatment: (known?: Known) => Treatment;
}

/** What stands in for keys that a configuration with `fhirPathRules` leaves empty. */
export function rulesKeys(secret: Uint8Array): RulesContext['keys'] {
  const key = (purpose: string): string => Buffer.from(hkdfSync('sha256', secret, 'noren', `rules:${purpose}`, 16)).toString('hex');
  return { dateShift: key('dateShift'), crypto: key('crypto') };
}

/** @throws PolicyError */
export function planned(plan: Plan): Planned {
  const { policy, secret, link, base, now, timeZone } = plan;
  const today = dayIn(now, timeZone);
  if (typeof policy !== 'string') {
    const compiled = compilePolicy(policy);
    const series = { compiled, keys: keysUnder(secret, compiled.policy, link), base, today, now };
    return {
      series,
      keepsOrder: false,
      base,
      now,
      today,
      treatment: known => {
        if (known === undefined) throw new Error('persons were not put together');
        return byPolicy(series, known);
      },
    };
  }
  const rules = compileRules(readRules(policy));
  const context = {
    now: civilOf(today),
    random: randomBytes,
    keys: rulesKeys(secret),
  };
  const perFile = rules.configuration.parameters.dateShiftScope === 'file';
  const contextOf = (file: string, folderName: string) => ({
    ...context,
    ...(perFile ? { fileName: path.posix.basename(file) } : { folderName }),
  });
  return { series: undefined, keepsOrder: true, base, now, today, treatment: () => byRules(rules, contextOf) };
}
