/**
 * The path of a rule, taken apart: resource type, expression, and, where it can be told from the types alone what it finds, in which steps.
 * FHIRPath: http://hl7.org/fhirpath/N1/#path-selection
 * @module
 */

/** Children of one name; `type`: only those of this FHIR type. */
export interface Step {
  readonly name: string;
  readonly type?: string;
}

export interface StaticPath {
  /**
   * `nodesByType('Address')`, `nodesByName('value')`: what the steps start from; absent: the resource.
   * `whole`: the whole path of the rule is that call and at most one step. Then it means something else: not the resource itself, but the roots of nested ones.
   */
  readonly nodes?: { readonly by: 'type' | 'name'; readonly argument: string; readonly whole: boolean };
  readonly steps: readonly Step[];
}

export interface RulePath {
  readonly written: string;
  /** Of resources it applies to; empty: all. */
  readonly type: string;
  /** FHIRPath with the resource as focus. */
  readonly expression: string;
  /** The path is nothing but the type: the root of the resource. */
  readonly root: boolean;
  /** Absent: FHIRPath has to be asked. */
  readonly steps?: StaticPath;
}

const nodesBy = /^nodesBy(Type|Name)\(\s*'([A-Za-z0-9]+)'\s*\)/;
/** Nothing but that call and at most one step; here, and here alone, the argument may have double quotes too. */
const short = /^nodesBy(?:Type|Name)\((['"])[A-Za-z0-9]+\1\)(?:\.[A-Za-z0-9]+)?$/;
const step = /^([a-z][A-Za-z0-9]*)((?:\.ofType\(\s*[A-Za-z][A-Za-z0-9]*\s*\))?)/;

function staticPath(expression: string, whole: boolean): StaticPath | undefined {
  const isShort = whole && short.test(expression);
  let rest = isShort ? expression.replaceAll('"', "'") : expression.trim();
  const as = /^(.+?)\s+as\s+([A-Za-z][A-Za-z0-9]*)$/.exec(rest);
  if (as !== null) rest = as[1]!;
  const start = nodesBy.exec(rest);
  const steps: Step[] = [];
  if (start !== null) rest = rest.slice(start[0].length).replace(/^\.(?=.)/, '');
  while (rest !== '') {
    const one = step.exec(rest);
    if (one === null || one[1] === 'true' || one[1] === 'false') return undefined;
    const type = /\(\s*(\w+)\s*\)/.exec(one[2]!)?.[1];
    steps.push({ name: one[1]!, ...(type === undefined ? {} : { type }) });
    rest = rest.slice(one[0].length);
    if (rest === '') break;
    if (!/^\.[a-z]/.test(rest)) return undefined;
    rest = rest.slice(1);
  }
  if (as !== null) {
    const last = steps.pop();
    if (last === undefined || last.type !== undefined) return undefined;
    steps.push({ name: last.name, type: as[2]! });
  }
  if (start === null) return steps.length === 0 ? undefined : { steps };
  return { nodes: { by: start[1] === 'Type' ? 'type' : 'name', argument: start[2]!, whole: isShort }, steps };
}

/** `Patient.name` → Patient, `name`; `(a | b).c` → no type, itself; `Resource` → Resource and its root. */
export function readPath(written: string): RulePath {
  const [, type = '', rest = ''] = /^([A-Z][A-Za-z]*)?\.?([\s\S]*)$/.exec(written)!;
  const root = rest === '' && type === written;
  const expression = rest === '' ? written : rest;
  const steps = root ? undefined : staticPath(expression, written === expression);
  return { written, type, expression, root, ...(steps === undefined ? {} : { steps }) };
}

/** Names of elements that are words of FHIRPath too. */
const words = /^(?:div|contains|as|in|is|mod|and|or|xor|implies|(?:year|month|week|day|hour|minute|second|millisecond)s?)$/;

/** The same steps as FHIRPath: `as` tells the type of each element that was found, also of several. */
export function fhirPathOf({ steps: found, expression }: RulePath): string {
  if (found === undefined) return expression;
  const start = found.nodes === undefined ? [] : [`nodesBy${found.nodes.by === 'type' ? 'Type' : 'Name'}('${found.nodes.argument}')`];
  const names = found.steps.map(
    ({ name, type }) => (words.test(name) ? `\`${name}\`` : name) + (type === undefined ? '' : `.ofType(${type})`),
  );
  return [...start, ...names].join('.');
}

/** A rule of this type works on resources of that one. */
export const isFor = (type: string, resourceType: string): boolean =>
  type === '' || type === resourceType || type === 'Resource' || type === 'DomainResource';
