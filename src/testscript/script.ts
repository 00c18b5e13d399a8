/**
 * What a TestScript says, read out of its JSON once: whatever follows can rely on it. What cannot be carried out as written (two criteria in
 * one assert, an unknown operator) is a fault here, before anything was sent.
 * R4: https://hl7.org/fhir/R4/testscript.html
 * @module
 */
import type { Json } from '../fhir/model/r4.ts';
import { type Each, type ExtensionUrls, each, requirement, single, type Wait, type When, wait, when } from './extensions.ts';
import { Fault } from './fault.ts';
import { Pick } from './pick.ts';

export interface Fixture {
  readonly id: string;
  readonly autocreate: boolean;
  readonly autodelete: boolean;
  /** A Reference, or the resource itself as many scripts write it. */
  readonly resource?: Json;
}

export interface Variable {
  readonly name: string;
  readonly defaultValue?: string;
  readonly sourceId?: string;
  readonly expression?: string;
  readonly headerField?: string;
  readonly path?: string;
}

interface Said {
  readonly label?: string;
  readonly description?: string;
}

export interface Operation extends Said {
  readonly kind: 'operation';
  /** Code of `type`: `read`, `$expand` … */
  readonly type?: string;
  readonly resource?: string;
  readonly accept?: string;
  readonly contentType?: string;
  readonly destination?: number;
  readonly origin?: number;
  readonly encodeRequestUrl: boolean;
  readonly method?: string;
  readonly params?: string;
  readonly url?: string;
  readonly requestHeader: readonly { readonly field: string; readonly value: string }[];
  readonly requestId?: string;
  readonly responseId?: string;
  readonly sourceId?: string;
  readonly targetId?: string;
  readonly wait?: Wait;
}

export const criteria = [
  'contentType',
  'expression',
  'headerField',
  'minimumId',
  'navigationLinks',
  'path',
  'requestMethod',
  'requestURL',
  'resource',
  'response',
  'responseCode',
  'validateProfileId',
] as const;

/** `unsupported`: an extension stands in place of a criterion, and it is none that is known here. */
type Criterion = (typeof criteria)[number] | 'unsupported';

const operators = [
  'equals',
  'notEquals',
  'in',
  'notIn',
  'greaterThan',
  'lessThan',
  'empty',
  'notEmpty',
  'contains',
  'notContains',
  'eval',
] as const;
export type Operator = (typeof operators)[number];

export interface Assert extends Said {
  readonly kind: 'assert';
  readonly criterion: Criterion;
  /** What the criterion's element says: a code, an expression, the name of a header, the id of a fixture; `true` for navigationLinks. */
  readonly says: string;
  readonly operator?: Operator;
  readonly value?: string;
  readonly direction: 'request' | 'response';
  readonly sourceId?: string;
  readonly compareTo?: { readonly sourceId: string; readonly expression?: string; readonly path?: string };
  readonly warningOnly: boolean;
  /** Group of which one member has to hold. */
  readonly anyOf?: string;
  readonly when?: When;
}

export type Action = Operation | Assert;

export interface Test {
  readonly name?: string;
  readonly description?: string;
  readonly actions: readonly Action[];
  readonly requires?: string;
  readonly versions?: readonly string[];
  readonly each?: Each;
}

/** A CapabilityStatement that the server has to fulfil. */
export interface Capability {
  readonly required: boolean;
  readonly validated: boolean;
  readonly capabilities: string;
}

export interface Script {
  readonly name: string;
  readonly url?: string;
  readonly version?: string;
  readonly destinations: readonly number[];
  readonly origins: readonly number[];
  readonly contained: readonly Json[];
  readonly capabilities: readonly Capability[];
  readonly requires?: string;
  readonly fixtures: readonly Fixture[];
  /** Id → canonical URL, `#id` or file of a StructureDefinition. */
  readonly profiles: ReadonlyMap<string, string>;
  readonly variables: ReadonlyMap<string, Variable>;
  readonly setup: readonly Action[];
  readonly tests: readonly Test[];
  readonly teardown: readonly Operation[];
}

const mostActions = 10_000;

/** Only those keys that have a value: exactOptionalPropertyTypes asks for it. */
const some = <T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as never;

function operation(at: Pick, urls: ExtensionUrls): Operation {
  const type = at.one('type');
  return some({
    kind: 'operation' as const,
    type: type?.text('code'),
    resource: at.text('resource'),
    label: at.text('label'),
    description: at.text('description'),
    accept: at.text('accept'),
    contentType: at.text('contentType'),
    destination: at.whole('destination'),
    origin: at.whole('origin'),
    encodeRequestUrl: at.flag('encodeRequestUrl') ?? true,
    method: at.text('method')?.toUpperCase(),
    params: at.text('params'),
    url: at.text('url'),
    requestHeader: at.many('requestHeader').map(h => ({ field: h.needed('field'), value: h.text('value') ?? '' })),
    requestId: at.text('requestId'),
    responseId: at.text('responseId'),
    sourceId: at.text('sourceId'),
    targetId: at.text('targetId'),
    wait: wait(at, urls),
  }) as Operation;
}

function assert(at: Pick, urls: ExtensionUrls): Assert {
  const there = criteria.filter(name => at.json[name] !== undefined);
  const strange = at.many('extension').find(e => ![urls.anyOf, urls.when].includes(e.text('url') ?? ''));
  const [criterion = strange === undefined ? undefined : ('unsupported' as const), second] = there;
  if (second !== undefined) throw new Fault(`${at.place} has more than one criterion: ${there.join(', ')}.`);
  if (criterion === undefined) throw new Fault(`${at.place} has no criterion that is known here.`);
  const operator = at.text('operator');
  if (operator !== undefined && !(operators as readonly string[]).includes(operator))
    throw new Fault(`${at.place}.operator is none of FHIR R4’s operators.`);
  const direction = at.text('direction') ?? 'response';
  if (direction !== 'request' && direction !== 'response') throw new Fault(`${at.place}.direction is neither request nor response.`);
  if (direction === 'request' && (criterion === 'response' || criterion === 'responseCode'))
    throw new Fault(`${at.place} judges a request by the status of a response.`);
  const [other, expression, path] = [at.text('compareToSourceId'), at.text('compareToSourceExpression'), at.text('compareToSourcePath')];
  if ((other === undefined) !== (expression === undefined && path === undefined) || (expression !== undefined && path !== undefined))
    throw new Fault(`${at.place} needs compareToSourceId together with either compareToSourceExpression or compareToSourcePath.`);
  return some({
    kind: 'assert' as const,
    criterion,
    says:
      criterion === 'navigationLinks'
        ? String(at.flag(criterion))
        : criterion === 'unsupported'
          ? strange!.needed('url')
          : at.needed(criterion),
    operator: operator as Operator | undefined,
    value: at.text('value'),
    direction: direction as Assert['direction'],
    sourceId: at.text('sourceId'),
    compareTo: other === undefined ? undefined : some({ sourceId: other, expression, path }),
    warningOnly: at.flag('warningOnly') ?? false,
    label: at.text('label'),
    description: at.text('description'),
    anyOf: single(at, urls.anyOf),
    when: when(at, urls),
  }) as Assert;
}

function action(at: Pick, urls: ExtensionUrls): Action {
  const [does, judges] = [at.one('operation'), at.one('assert')];
  if ((does === undefined) === (judges === undefined)) throw new Fault(`${at.place} is not exactly one of operation and assert.`);
  return does === undefined ? assert(judges!, urls) : operation(does, urls);
}

function test(at: Pick, urls: ExtensionUrls): Test {
  const actions = at.many('action').map(a => action(a, urls));
  if (actions.length === 0) throw new Fault(`${at.place} has no action.`);
  return some({
    name: at.text('name'),
    description: at.text('description'),
    actions,
    requires: requirement(at, urls),
    versions: single(at, urls.versions)
      ?.split(',')
      .map(v => v.trim())
      .filter(v => v !== ''),
    each: each(at, urls),
  }) as Test;
}

function variable(at: Pick): Variable {
  const found = some({
    name: at.needed('name'),
    defaultValue: at.text('defaultValue'),
    sourceId: at.text('sourceId'),
    expression: at.text('expression'),
    headerField: at.text('headerField'),
    path: at.text('path'),
  }) as Variable;
  if ([found.expression, found.headerField, found.path].filter(x => x !== undefined).length > 1)
    throw new Fault(`${at.place} has more than one of expression, headerField and path.`);
  return found;
}

/** Members of an any-of group must be two and more, and judge the same message. */
function checkGroups(tests: readonly Test[]): void {
  for (const [i, { actions }] of tests.entries()) {
    const groups = Map.groupBy(actions.filter(a => a.kind === 'assert' && a.anyOf !== undefined) as Assert[], a => a.anyOf!);
    for (const [name, members] of groups) {
      if (members.length < 2) throw new Fault(`TestScript.test[${i}]: the group ${name} has a single member.`);
      if (new Set(members.map(m => `${m.direction} ${m.sourceId}`)).size > 1)
        throw new Fault(`TestScript.test[${i}]: the members of the group ${name} judge different messages.`);
    }
  }
}

/** @throws Fault naming the element that cannot be carried out */
export function readScript(value: Json, urls: ExtensionUrls): Script {
  const at = new Pick(value, 'TestScript');
  const setup = (at.one('setup')?.many('action') ?? []).map(a => action(a, urls));
  const tests = at.many('test').map(t => test(t, urls));
  const teardown = (at.one('teardown')?.many('action') ?? []).map(a => {
    const does = a.one('operation');
    if (does === undefined || a.json['assert'] !== undefined) throw new Fault(`${a.place} may only be an operation.`);
    return operation(does, urls);
  });
  if (setup.some(a => a.kind === 'assert' && a.anyOf !== undefined)) throw new Fault('A group of asserts may stand in a test only.');
  checkGroups(tests);
  const runs = tests.reduce((sum, t) => sum + t.actions.length * (t.each?.values.length ?? 1), setup.length + teardown.length);
  if (runs > mostActions) throw new Fault(`The script has more than ${mostActions} actions.`);
  const fixtures = at.many('fixture').map(
    f =>
      some({
        id: f.needed('id'),
        autocreate: f.flag('autocreate') ?? false,
        autodelete: f.flag('autodelete') ?? false,
        resource: f.one('resource')?.json,
      }) as Fixture,
  );
  const variables = at.many('variable').map(variable);
  for (const [what, names] of [
    ['fixture', fixtures.map(f => f.id)],
    ['variable', variables.map(v => v.name)],
  ] as const)
    if (new Set(names).size !== names.length) throw new Fault(`Two of TestScript.${what} have the same name.`);
  return some({
    name: at.text('name') ?? at.text('id') ?? 'TestScript',
    url: at.text('url'),
    version: at.text('version'),
    destinations: at.many('destination').map(d => d.whole('index') ?? 1),
    origins: at.many('origin').map(o => o.whole('index') ?? 1),
    contained: at.many('contained').map(c => c.json),
    capabilities: (at.one('metadata')?.many('capability') ?? []).map(c => ({
      required: c.flag('required') ?? false,
      validated: c.flag('validated') ?? false,
      capabilities: c.needed('capabilities'),
    })),
    requires: requirement(at, urls),
    fixtures,
    profiles: new Map(at.many('profile').map(p => [p.needed('id'), p.needed('reference')])),
    variables: new Map(variables.map(v => [v.name, v])),
    setup,
    tests,
    teardown,
  }) as Script;
}
