/**
 * One script from beginning to end: capabilities, fixtures, autocreate, setup, tests, teardown, autodelete. What comes after the fixtures is cleared away
 * whatever happened.
 * R4: https://hl7.org/fhir/R4/testscript.html
 * @module
 */
import { randomBytes } from 'node:crypto';
import type { Json } from '../fhir/model/r4.ts';
import { type Engine, perform, skipped } from './actions.ts';
import { lacking, otherVersion, unmet } from './capability.ts';
import type { ExtensionUrls } from './extensions.ts';
import { Fault, said } from './fault.ts';
import type { FhirPath } from './fhirpath.ts';
import { loadFixture, referred, type Surroundings } from './fixtures.ts';
import { type Made, Memory } from './memory.ts';
import { jsonOf } from './message.ts';
import { isJson } from './pick.ts';
import { profileCheck } from './profile.ts';
import type { RequestSettings } from './request.ts';
import { type ActionResult, type ScriptResult, type TestResult, worst } from './result.ts';
import { type Operation, readScript, type Script, type Test } from './script.ts';
import { type SendLimits, type System, send, targetOf } from './send.ts';
import type { Sourced } from './source.ts';
import { Variables } from './variables.ts';

export interface RunSettings {
  readonly system: System;
  /** Servers of the destinations that are not the first. */
  readonly destinations: ReadonlyMap<number, System>;
  readonly limits: SendLimits;
  /** For setup and tests of one script; the teardown has a minute of its own. */
  readonly scriptTimeMs: number;
  readonly request: RequestSettings;
  readonly urls: ExtensionUrls;
  readonly variables: ReadonlyMap<string, string>;
  readonly anySuccessIsOkay: boolean;
  readonly roots: readonly string[];
  readonly fhirPath: FhirPath;
  /** CapabilityStatement of the server; undefined: it gave none. */
  readonly statement: Json | undefined;
}

const teardownMs = 60_000;

/** @throws Fault when it is not known where the operation goes */
export function systemOf({ destination }: Operation, { destinations }: Script, settings: RunSettings): System {
  if (destination === undefined && destinations.length > 1)
    throw new Fault('The script has several destinations, and the operation names none.');
  const index = destination ?? destinations[0] ?? 1;
  if (destination !== undefined && destinations.length > 0 && !destinations.includes(destination))
    throw new Fault(`The script declares no destination ${destination}.`);
  const system =
    settings.destinations.get(index) ??
    (index === Math.min(...(destinations.length > 0 ? destinations : [1])) ? settings.system : undefined);
  if (system === undefined) throw new Fault(`No server is named for the destination ${index} of the script.`);
  return system;
}

/** Why all of the script is left out; undefined: it is not. */
async function leftOut(script: Script, around: Surroundings, settings: RunSettings): Promise<string | undefined> {
  const { statement, fhirPath } = settings;
  const reason = await unmet(statement, script.requires, fhirPath);
  if (reason !== undefined || statement === undefined) return reason;
  for (const { capabilities, required, validated } of script.capabilities) {
    // A statement that stands elsewhere cannot be fetched: what it asks for is not known, and the tests run.
    if (/^https?:/i.test(capabilities) && !around.source.bundle.has(capabilities)) continue;
    const wanted = await referred(capabilities, around);
    if (!isJson(wanted)) throw new Fault('A capability of the script leads to no CapabilityStatement.');
    const missing = lacking(statement, wanted).join(', ');
    if (missing === '') continue;
    if (validated) throw new Fault(`The server does not have the capabilities that the script validates: ${missing}`);
    if (required) return `The server does not declare: ${missing}`;
  }
  return undefined;
}

function autocreates(script: Script): Operation[] {
  const places = script.destinations.length > 1 ? script.destinations : [undefined];
  return script.fixtures
    .filter(f => f.autocreate)
    .flatMap(({ id }) =>
      places.map(destination => ({
        kind: 'operation' as const,
        type: 'create',
        sourceId: id,
        encodeRequestUrl: true,
        requestHeader: [],
        ...(destination === undefined ? {} : { destination }),
      })),
    );
}

const deletion = ({ type, id, destination }: Made): Operation => ({
  kind: 'operation',
  type: 'delete',
  url: `${type}/${id}`,
  encodeRequestUrl: true,
  requestHeader: [],
  ...(destination === undefined ? {} : { destination }),
});

class ScriptRun {
  private readonly script: Script;
  private readonly settings: RunSettings;
  private readonly around: Surroundings;
  private readonly memory = new Memory();
  private readonly variables: Variables;
  private readonly engine: Engine;
  private readonly deadline: number;

  constructor(script: Script, around: Surroundings, settings: RunSettings) {
    this.script = script;
    this.settings = settings;
    this.around = around;
    const given = new Map([['runId', randomBytes(6).toString('hex')], ...settings.variables]);
    this.variables = new Variables(script.variables, given, this.memory, settings.fhirPath);
    this.deadline = Date.now() + settings.scriptTimeMs;
    this.engine = {
      ...settings,
      memory: this.memory,
      variables: this.variables,
      systemOf: operation => systemOf(operation, script, settings),
      validate: profileCheck(script.profiles, around, this.memory),
    };
  }

  async run(): Promise<Pick<ScriptResult, 'setup' | 'tests' | 'teardown' | 'fault'>> {
    const { script } = this;
    let reason: string | undefined;
    try {
      reason = await leftOut(script, this.around, this.settings);
      if (reason === undefined) for (const fixture of script.fixtures) this.memory.set(fixture.id, await loadFixture(fixture, this.around));
    } catch (error) {
      const fault = said(error);
      return { ...this.nothing(fault), fault };
    }
    if (reason !== undefined) return this.nothing(reason);

    const setup = await this.perform([...autocreates(script), ...script.setup], 'setup');
    const bad = setup.find(a => a.result === 'fail' || a.result === 'error');
    const tests = bad === undefined ? await this.tests() : this.untested(`The setup did not succeed: ${bad.message ?? bad.result}`);
    const teardown = await this.perform(script.teardown, 'teardown');
    return { setup, tests, teardown: [...teardown, ...(await this.autodelete())] };
  }

  private perform(actions: readonly Operation[] | Script['setup'], phase: 'setup' | 'test' | 'teardown'): Promise<ActionResult[]> {
    return perform(actions, phase, this.engine, phase === 'teardown' ? Date.now() + teardownMs : this.deadline);
  }

  private async tests(): Promise<TestResult[]> {
    const results: TestResult[] = [];
    for (const [i, test] of this.script.tests.entries()) {
      const name = test.name ?? `test ${i + 1}`;
      for (const value of test.each?.values ?? [undefined]) {
        this.variables.bind(test.each?.variable, value);
        results.push(await this.test(test, value === undefined ? name : `${name} [${value}]`));
      }
    }
    this.variables.bind();
    return results;
  }

  private async test(test: Test, name: string): Promise<TestResult> {
    const start = performance.now();
    const { statement, fhirPath } = this.settings;
    let actions: ActionResult[];
    let reason: string | undefined;
    try {
      reason = otherVersion(statement, test.versions) ?? (await unmet(statement, test.requires, fhirPath));
      actions = reason === undefined ? await this.perform(test.actions, 'test') : test.actions.map(a => skipped(a, reason!));
    } catch (error) {
      actions = test.actions.map((a, k) =>
        k === 0 ? { kind: a.kind, result: 'error', message: said(error) } : skipped(a, 'The test could not begin.'),
      );
    }
    const result = reason === undefined ? worst(actions) : 'skip';
    reason ??= actions.find(a => a.result === result && result !== 'pass')?.message;
    const { description } = test;
    return {
      name,
      ...(description === undefined ? {} : { description }),
      actions,
      result,
      ...(reason === undefined ? {} : { reason }),
      ms: performance.now() - start,
    };
  }

  /** Every test, left out for one reason. */
  private untested(reason: string): TestResult[] {
    return this.script.tests.flatMap((test, i) =>
      (test.each?.values ?? [undefined]).map(value => ({
        name: (test.name ?? `test ${i + 1}`) + (value === undefined ? '' : ` [${value}]`),
        ...(test.description === undefined ? {} : { description: test.description }),
        actions: test.actions.map(a => skipped(a, reason)),
        result: 'skip' as const,
        reason,
        ms: 0,
      })),
    );
  }

  /** All of the script, left out for one reason. */
  private nothing(reason: string): Pick<ScriptResult, 'setup' | 'tests' | 'teardown'> {
    const { setup, teardown } = this.script;
    return { setup: setup.map(a => skipped(a, reason)), tests: this.untested(reason), teardown: teardown.map(a => skipped(a, reason)) };
  }

  private async autodelete(): Promise<ActionResult[]> {
    const results: ActionResult[] = [];
    for (const { id } of this.script.fixtures.filter(f => f.autodelete)) {
      const made = this.memory.becameOf(id);
      if (made.length === 0) results.push({ kind: 'operation', result: 'skip', message: `Nothing was created of the fixture ${id}.` });
      for (const one of made) results.push(...(await this.perform([deletion(one)], 'teardown')));
    }
    return results;
  }
}

/** Never throws: whatever goes wrong is in the result. */
export async function runScript(sourced: Sourced, settings: RunSettings): Promise<ScriptResult> {
  const started = performance.now();
  const head = { file: sourced.source.file, issued: new Date().toISOString() };
  const nothing = { setup: [], tests: [], teardown: [] };
  const end = (): { ms: number } => ({ ms: performance.now() - started });
  if ('fault' in sourced) return { ...head, name: sourced.source.file, ...nothing, fault: sourced.fault, ...end() };
  const title = (name: string): string => (typeof sourced.json[name] === 'string' ? sourced.json[name] : '');
  const named = {
    name: title('name') || title('id') || sourced.source.file,
    ...(title('url') === '' ? {} : { url: title('url') }),
    ...(title('version') === '' ? {} : { version: title('version') }),
  };
  try {
    const script = readScript(sourced.json, settings.urls);
    const around: Surroundings = {
      source: sourced.source,
      contained: script.contained,
      roots: settings.roots,
      urls: settings.urls,
      fetch: async url => {
        const { status, headers, bytes } = await send(
          { method: 'GET', url: targetOf(url, settings.system).href, headers: new Headers({ accept: 'application/fhir+json' }) },
          settings.system,
          settings.limits,
        );
        if (status !== 200) throw new Fault(`what its URL answers has the status ${status}.`);
        return jsonOf(bytes, headers.get('content-type') ?? '');
      },
    };
    return { ...head, ...named, ...(await new ScriptRun(script, around, settings).run()), ...end() };
  } catch (error) {
    return { ...head, ...named, ...nothing, fault: said(error), ...end() };
  }
}
