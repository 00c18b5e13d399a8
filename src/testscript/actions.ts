/**
 * Carries out actions one after the other: sends operations, judges asserts, and says of each what became of it.
 * A failed operation that no assert asks about is a failure; a failed assert is forgiven when the next one, a warning only, names another status that is
 * accepted and holds; of a group of asserts one has to hold.
 * R4: https://hl7.org/fhir/R4/testscript.html
 * @module
 */
import type { Bench } from './assert/criterion.ts';
import { applies, judge } from './assert/judge.ts';
import { Fault, said, shown, Undefined } from './fault.ts';
import { jsonOf, Message } from './message.ts';
import { type RequestSettings, requestOf } from './request.ts';
import type { ActionResult, Result } from './result.ts';
import type { Action, Assert, Operation } from './script.ts';
import { type SendLimits, type System, send } from './send.ts';

export interface Engine extends Bench {
  readonly limits: SendLimits;
  readonly request: RequestSettings;
  /** The server an operation goes to. @throws Fault */
  readonly systemOf: (operation: Operation) => System;
}

type Phase = 'setup' | 'test' | 'teardown';

const isStatus = ({ criterion }: Assert): boolean => criterion === 'response' || criterion === 'responseCode';

/** Whether an assert asks for the failure itself, so that the failure of the operation is not one of the test. */
const asks = (assert: Assert): boolean =>
  isStatus(assert) ||
  (assert.criterion === 'resource' && assert.says === 'OperationOutcome') ||
  (assert.criterion === 'expression' && assert.says.trimStart().startsWith('OperationOutcome'));

function isAskedFor({ responseId }: Operation, later: readonly Action[]): boolean {
  let own = true;
  for (const action of later) {
    if (action.kind === 'operation') own = false;
    else if (asks(action) && action.direction === 'response' && (action.sourceId === undefined ? own : action.sourceId === responseId))
      return true;
  }
  return false;
}

const succeeded = (status: number): boolean => (status >= 200 && status < 300) || status === 304;

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

/** One operation, sent again as long as it says to wait. */
async function exchange(operation: Operation, engine: Engine, deadline: number): Promise<ActionResult & { readonly status: number }> {
  const { memory } = engine;
  const system = engine.systemOf(operation);
  const request = await requestOf(operation, system, memory, engine.variables, engine.request);
  memory.request = request.message;
  if (operation.requestId !== undefined) memory.set(operation.requestId, request.message);
  let came = await send(request, system, engine.limits);
  for (let attempt = 1; operation.wait !== undefined && came.status === operation.wait.status; attempt++) {
    if (attempt >= operation.wait.attempts) throw new Fault(`The status was still ${came.status} after ${attempt} attempts.`);
    if (Date.now() + operation.wait.intervalMs > deadline) throw new Fault('The time of the script is over.');
    await pause(operation.wait.intervalMs);
    came = await send(request, system, engine.limits);
  }
  const { status, headers, bytes } = came;
  const json = bytes.length === 0 ? undefined : jsonOf(bytes, headers.get('content-type') ?? '');
  const response = new Message('response', { status, headers, json, method: request.method, url: request.url });
  memory.response = response;
  if (operation.responseId !== undefined) memory.set(operation.responseId, response);
  if (operation.sourceId !== undefined && succeeded(status) && ['create', 'update', 'updateCreate'].includes(operation.type ?? '')) {
    const identity =
      response.identity ??
      (request.method === 'PUT' ? new Message('response', { headers: new Headers({ location: request.url }) }).identity : undefined);
    if (identity !== undefined) memory.became(operation.sourceId, { ...identity, destination: operation.destination });
  }
  const path = request.url.startsWith(system.base.href) ? request.url.slice(system.base.href.length).replace(/^\//, '') : request.url;
  return { kind: 'operation', result: 'pass', status, message: `${request.method} ${shown(path, 300)} → ${status}`, detail: request.url };
}

const described = ({ label, description }: Action): { detail?: string } => {
  const text = description ?? label;
  return text === undefined ? {} : { detail: shown(text, 500) };
};

/** What an OperationOutcome says first, to tell why an operation was refused. */
function why(response: Message | undefined): string {
  const issues = response?.resource?.['issue'];
  const issue: unknown = Array.isArray(issues) ? issues[0] : undefined;
  if (typeof issue !== 'object' || issue === null) return '';
  const { diagnostics, details } = issue as { diagnostics?: unknown; details?: { text?: unknown } };
  const text = details?.text ?? diagnostics;
  return typeof text === 'string' ? `: ${shown(text)}` : '';
}

class Run {
  private readonly engine: Engine;
  private readonly actions: readonly Action[];
  private readonly phase: Phase;
  private readonly deadline: number;
  /** Groups of this test: members still to come, whether one held, what the others said. */
  private readonly groups = new Map<string, { left: number; held: boolean; applied: number; said: string[] }>();

  constructor(actions: readonly Action[], phase: Phase, engine: Engine, deadline: number) {
    this.actions = actions;
    this.phase = phase;
    this.engine = engine;
    this.deadline = deadline;
    for (const action of actions)
      if (action.kind === 'assert' && action.anyOf !== undefined) {
        const group = this.groups.get(action.anyOf);
        if (group === undefined) this.groups.set(action.anyOf, { left: 1, held: false, applied: 0, said: [] });
        else group.left++;
      }
  }

  async all(): Promise<ActionResult[]> {
    const results: ActionResult[] = [];
    for (const [i, action] of this.actions.entries()) {
      const result =
        Date.now() > this.deadline
          ? this.late(action)
          : action.kind === 'operation'
            ? await this.operation(action, i)
            : await this.assert(action, i);
      results.push(result);
      if (this.phase === 'teardown' || (result.result !== 'fail' && result.result !== 'error')) continue;
      const reason = 'An action before it did not succeed.';
      results.push(...this.actions.slice(i + 1).map(rest => skipped(rest, reason)));
      break;
    }
    return results;
  }

  private late(action: Action): ActionResult {
    return { kind: action.kind, result: 'error', message: 'The time of the script is over.' };
  }

  private async operation(operation: Operation, i: number): Promise<ActionResult> {
    try {
      const { status, ...done } = await exchange(operation, this.engine, this.deadline);
      if (succeeded(status) || isAskedFor(operation, this.actions.slice(i + 1))) return done;
      const message = `${done.message}${why(this.engine.memory.response)}`;
      return { ...done, result: this.phase === 'teardown' ? 'warning' : 'fail', message };
    } catch (error) {
      // Nothing was made that could be cleared away.
      const nothing = this.phase === 'teardown' && error instanceof Undefined;
      return { kind: 'operation', result: nothing ? 'skip' : 'error', message: said(error) };
    }
  }

  private async assert(assert: Assert, i: number): Promise<ActionResult> {
    const result = (result: Result, message?: string): ActionResult => ({
      kind: 'assert',
      result,
      ...(message === undefined ? {} : { message }),
      ...described(assert),
    });
    const group = assert.anyOf === undefined ? undefined : this.groups.get(assert.anyOf);
    try {
      if (group !== undefined) return await this.member(assert, group, result);
      if (!applies(assert, this.engine)) return result('skip', 'It does not apply: the earlier status was another one.');
      const judged = await judge(assert, this.engine);
      if (judged === undefined) return result('pass');
      // Of a status that should be another one the answer itself may say why.
      const wrong = isStatus(assert) ? `${judged}${why(this.engine.memory.of(assert.sourceId, 'response')).replace(/^:/, '')}` : judged;
      if (assert.warningOnly) return result('warning', wrong);
      const next = this.actions[i + 1];
      if (next?.kind === 'assert' && (await this.forgives(assert, next)))
        return result('warning', `${wrong} The next assert accepts that.`);
      return result('fail', wrong);
    } catch (error) {
      return result(assert.warningOnly && group === undefined ? 'warning' : 'error', said(error));
    }
  }

  /** Whether the next assert names another status that is accepted, and that one holds. */
  private async forgives(assert: Assert, next: Assert): Promise<boolean> {
    if (!isStatus(assert) || !isStatus(next) || !next.warningOnly || next.anyOf !== undefined) return false;
    if (next.sourceId !== assert.sourceId || !applies(next, this.engine)) return false;
    return (await judge(next, this.engine)) === undefined;
  }

  private async member(
    assert: Assert,
    group: { left: number; held: boolean; applied: number; said: string[] },
    result: (result: Result, message?: string) => ActionResult,
  ): Promise<ActionResult> {
    const last = --group.left === 0;
    const done = applies(assert, this.engine) ? await judge(assert, this.engine) : null;
    if (done !== null) group.applied++;
    if (done === undefined) {
      group.held = true;
      return result('pass', `One of the alternatives ${assert.anyOf}.`);
    }
    if (done !== null) group.said.push(done);
    if (!last || group.held) return result('skip', done === null ? 'This alternative does not apply.' : `Not this alternative: ${done}`);
    if (group.applied === 0) throw new Fault(`None of the alternatives ${assert.anyOf} applies.`);
    return result('fail', `None of the alternatives ${assert.anyOf} holds: ${group.said.join(' ')}`);
  }
}

export const skipped = (action: Action, message: string): ActionResult => ({ kind: action.kind, result: 'skip', message });

/** Setup and tests stop at the first action that does not succeed, a teardown goes on; what was not reached is skipped. */
export const perform = (actions: readonly Action[], phase: Phase, engine: Engine, deadline: number): Promise<ActionResult[]> =>
  new Run(actions, phase, engine, deadline).all();
