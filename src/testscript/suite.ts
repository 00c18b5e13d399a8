/**
 * Several scripts against one server, some at a time: asks the server once what it can, runs each script, and lets no token into what is said.
 * R4: https://hl7.org/fhir/R4/testscript.html
 * @module
 */
import type { Json } from '../fhir/model/r4.ts';
import type { ExtensionUrls } from './extensions.ts';
import { openFhirPath } from './fhirpath.ts';
import { jsonOf, mediaTypes } from './message.ts';
import { isJson } from './pick.ts';
import type { ScriptResult } from './result.ts';
import { type RunSettings, runScript } from './run.ts';
import { type SendLimits, type System, send, targetOf } from './send.ts';
import type { Sourced } from './source.ts';

export interface Suite {
  readonly base: URL;
  readonly token?: (() => Promise<string>) | undefined;
  /** Index → server of the destinations that are not the first. They get no token. */
  readonly destinations?: ReadonlyMap<number, URL>;
  readonly urls: ExtensionUrls;
  /** Real directories in which scripts may name files. */
  readonly roots?: readonly string[];
  readonly variables?: ReadonlyMap<string, string>;
  readonly parallel?: number;
  readonly format?: 'json' | 'xml';
  readonly label?: boolean;
  readonly anySuccessIsOkay?: boolean;
  readonly limits?: Partial<SendLimits> & { readonly scriptTimeMs?: number; readonly expressionMs?: number };
  /** Called after each script. */
  readonly done?: (result: ScriptResult, count: number) => void;
}

export interface SuiteResult {
  /** In the order of the scripts. */
  readonly results: readonly ScriptResult[];
  /** CapabilityStatement of the server; undefined: it gave none. */
  readonly statement?: Json;
}

export const defaults = { timeoutMs: 30_000, maxBodyBytes: 50_000_000, scriptTimeMs: 600_000, expressionMs: 5_000 } as const;

/** Every text, changed; the rest as it is. */
function mapped<T>(value: T, change: (text: string) => string): T {
  if (typeof value === 'string') return change(value) as T;
  if (Array.isArray(value)) return value.map(v => mapped(v as unknown, change)) as T;
  if (!isJson(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, mapped(v, change)])) as T;
}

export async function runSuite(scripts: readonly Sourced[], suite: Suite): Promise<SuiteResult> {
  const { base, destinations = new Map<number, URL>(), limits = {} } = suite;
  const tokens = new Set<string>();
  const { token } = suite;
  const system: System =
    token === undefined
      ? { base }
      : {
          base,
          token: async () => {
            const fresh = await token();
            tokens.add(fresh);
            return fresh;
          },
        };
  const sending: SendLimits = {
    timeoutMs: limits.timeoutMs ?? defaults.timeoutMs,
    maxBodyBytes: limits.maxBodyBytes ?? defaults.maxBodyBytes,
  };
  const fhirPath = openFhirPath(limits.expressionMs ?? defaults.expressionMs);
  try {
    const statement = await statementOf(system, sending);
    const settings: RunSettings = {
      system,
      destinations: new Map([...destinations].map(([index, url]) => [index, { base: url }])),
      limits: sending,
      scriptTimeMs: limits.scriptTimeMs ?? defaults.scriptTimeMs,
      request: { format: suite.format ?? 'json', label: suite.label ?? true },
      urls: suite.urls,
      variables: suite.variables ?? new Map(),
      anySuccessIsOkay: suite.anySuccessIsOkay ?? false,
      roots: suite.roots ?? [],
      fhirPath,
      statement,
    };
    const results: ScriptResult[] = [];
    let next = 0;
    let count = 0;
    const worker = async (): Promise<void> => {
      for (let i = next++; i < scripts.length; i = next++) {
        const result = mapped(await runScript(scripts[i]!, settings), text =>
          [...tokens].reduce((t, secret) => t.replaceAll(secret, '(token)'), text),
        );
        results[i] = result;
        suite.done?.(result, ++count);
      }
    };
    await Promise.all(Array.from({ length: Math.max(1, Math.min(suite.parallel ?? 1, scripts.length)) }, worker));
    return { results, ...(statement === undefined ? {} : { statement }) };
  } finally {
    await fhirPath.close();
  }
}

/** What the server says it can; undefined when it does not, and then nothing is left out. */
async function statementOf(system: System, limits: SendLimits): Promise<Json | undefined> {
  try {
    const headers = new Headers({ accept: `${mediaTypes['json']}, ${mediaTypes['xml']};q=0.9` });
    const { status, headers: came, bytes } = await send({ method: 'GET', url: targetOf('metadata', system).href, headers }, system, limits);
    const json = status === 200 ? jsonOf(bytes, came.get('content-type') ?? '') : undefined;
    return isJson(json) && json['resourceType'] === 'CapabilityStatement' ? json : undefined;
  } catch {
    return undefined;
  }
}
