/**
 * From an expression to plain property reads: types are settled once, here, so that at run time only JSON names are left.
 * R4: https://hl7.org/fhir/R4/searchparameter-definitions.html#SearchParameter.expression
 * @module
 */
import type { AnyResource, Json } from '../model/r4.ts';
import { elementsOf, isOfType } from './elements.ts';
import type { Expression } from './expression.ts';

/** Reads a property, keeps what a test lets through, keeps the nth, or makes one value of it. */
type Step =
  | { readonly do: 'read'; readonly key: string }
  | { readonly do: 'keep'; readonly test: Condition }
  | { readonly do: 'nth'; readonly index: number }
  | { readonly do: 'resource' }
  | { readonly do: 'decide'; readonly test: Condition };

type Condition = (focus: unknown, resource: AnyResource) => boolean;

/** One way from a focus to elements of one type. */
export interface Selector {
  readonly steps: readonly Step[];
  /** Declared type of what is selected; a backbone element's is its path. */
  readonly type: string;
}

const none: readonly unknown[] = [];

/** What a selector selects, in document order; null and absent are nothing. */
export function select(selector: Selector, focus: unknown, resource: AnyResource): readonly unknown[] {
  const [only] = selector.steps;
  if (only?.do === 'read' && selector.steps.length === 1) {
    // Half of all selectors read one property of the resource: no list is made of what is one already.
    const value = (focus as Json)[only.key];
    if (Array.isArray(value)) return value.includes(null) ? value.filter(one => one !== null) : value;
    return value === undefined || value === null ? none : [value];
  }
  let current: unknown[] = [focus];
  for (const step of selector.steps) {
    switch (step.do) {
      case 'read': {
        const next: unknown[] = [];
        for (const one of current) {
          const value = (one as Json)[step.key];
          if (Array.isArray(value)) {
            for (const item of value) if (item !== null && item !== undefined) next.push(item);
          } else if (value !== undefined && value !== null) next.push(value);
        }
        current = next;
        break;
      }
      case 'keep':
        current = current.filter(one => step.test(one, resource));
        break;
      case 'nth':
        current = current.slice(step.index, step.index + 1);
        break;
      case 'resource':
        current = [resource];
        break;
      case 'decide':
        return [step.test(focus, resource)];
    }
    if (current.length === 0) return current;
  }
  return current;
}

/** The property that a selector reads first, if it begins so: where a resource lacks it there is nothing to select. */
export const firstKey = (selector: Selector): string | undefined => (selector.steps[0]?.do === 'read' ? selector.steps[0].key : undefined);

/** More than any definition needs: an extension's value has fifty types, each of which may have extensions. */
const mostWays = 1000;

function bounded(ways: readonly Selector[]): readonly Selector[] {
  if (ways.length > mostWays) throw new Error('search expression: it may lead to too many elements');
  return ways;
}

/** All ways that an expression means on a focus of this type; ways that other types have are left out. */
export function compile(expression: Expression, type: string, resourceType: string = type): readonly Selector[] {
  const more = (selector: Selector, step: Step, to: string = selector.type): Selector => ({ steps: [...selector.steps, step], type: to });
  const inner = (e: Expression): readonly Selector[] => compile(e, type, resourceType);

  switch (expression.kind) {
    case 'this':
      return [{ steps: [], type }];
    case 'resource':
      return [{ steps: [{ do: 'resource' }], type: resourceType }];
    case '|':
      return bounded([...inner(expression.left), ...inner(expression.right)]);
    case 'member': {
      const { name } = expression;
      if (expression.root && /^[A-Z]/.test(name)) return isOfType(type, name) ? [{ steps: [], type }] : [];
      return bounded(inner(expression.of).flatMap(of => elementsOf(of.type, name).map(e => more(of, { do: 'read', key: e.key }, e.type))));
    }
    case 'index':
      return inner(expression.of).map(of => more(of, { do: 'nth', index: expression.index }));
    case 'as':
      return inner(expression.of).flatMap(of => {
        if (isOfType(of.type, expression.type)) return [of];
        return of.type === 'Resource'
          ? [more(of, { do: 'keep', test: one => (one as Json)['resourceType'] === expression.type }, expression.type)]
          : [];
      });
    case 'call':
      return inner(expression.of).flatMap(of => called(of, expression.name, expression.args));
    default:
      return [{ steps: [{ do: 'decide', test: condition(expression, type, resourceType) }], type: 'boolean' }];
  }

  function called(of: Selector, name: string, args: readonly Expression[]): Selector[] {
    const [first] = args;
    if (name === 'where' && first !== undefined) return [more(of, { do: 'keep', test: condition(first, of.type, resourceType) })];
    if (name === 'extension' && first?.kind === 'literal') {
      return [
        more(more(of, { do: 'read', key: 'extension' }, 'Extension'), { do: 'keep', test: one => (one as Json)['url'] === first.value }),
      ];
    }
    if (name === 'first') return [more(of, { do: 'nth', index: 0 })];
    if (name === 'exists') return [{ steps: [{ do: 'decide', test: condition(expression, type, resourceType) }], type: 'boolean' }];
    throw new Error(`search expression: ${name}() is not known`);
  }
}

const plain = (value: unknown): unknown => (value instanceof Number ? value.valueOf() : value);

/** A test of a focus of this type. Collections are true where one of theirs is. */
function condition(expression: Expression, type: string, resourceType: string): Condition {
  switch (expression.kind) {
    case 'and':
    case 'or': {
      const left = condition(expression.left, type, resourceType);
      const right = condition(expression.right, type, resourceType);
      return expression.kind === 'and' ? (f, r) => left(f, r) && right(f, r) : (f, r) => left(f, r) || right(f, r);
    }
    case '=':
    case '!=': {
      const { left, right, kind } = expression;
      if (right.kind !== 'literal') throw new Error('search expression: a comparison needs a literal on its right');
      const ways = compile(left, type, resourceType);
      const equal = (value: unknown): boolean => (plain(value) === right.value) === (kind === '=');
      return (f, r) => ways.some(way => select(way, f, r).some(equal));
    }
    case 'is': {
      const { of } = expression;
      if (of.kind === 'call' && of.name === 'resolve') return (f, r) => mayLeadTo(f, r, expression.type);
      throw new Error('search expression: is stands only after resolve()');
    }
    default: {
      const exists = expression.kind === 'call' && expression.name === 'exists';
      const ways = compile(exists ? expression.of : expression, type, resourceType);
      return exists
        ? (f, r) => ways.some(way => select(way, f, r).length > 0)
        : (f, r) => ways.some(way => select(way, f, r).some(one => one === true));
    }
  }
}

const literalType = /(?:^|\/)([A-Z][A-Za-z]+)(?:\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?(?:#.*)?|\?.*)$/;

/**
 * `resolve() is T`, as far as a Reference or canonical says itself where it leads. A logical one that names no type may lead to any:
 * who is looked for by identifier is found.
 */
function mayLeadTo(reference: unknown, resource: AnyResource, wanted: string): boolean {
  const { reference: text, type, identifier } = (typeof reference === 'string' ? { reference } : reference) as Json;
  if (typeof text === 'string') {
    const literal = text.startsWith('#') ? contained(text.slice(1), resource) : literalType.exec(text)?.[1];
    if (literal !== undefined) return literal === wanted;
  }
  return typeof type === 'string' ? type === wanted : text === undefined && identifier !== undefined;
}

const contained = (id: string, resource: AnyResource): string | undefined =>
  id === '' ? resource.resourceType : containedIn(resource).get(id)?.resourceType;

const nothing: ReadonlyMap<string, AnyResource> = new Map();
const known = new WeakMap<readonly unknown[], ReadonlyMap<string, AnyResource>>();

/**
 * Inside a resource: by id, what is contained. Put together once, however many references lead there; what is looked at does not change.
 * R4: https://hl7.org/fhir/R4/references.html#contained
 */
export function containedIn(resource: AnyResource): ReadonlyMap<string, AnyResource> {
  const list: unknown = resource['contained'];
  if (!Array.isArray(list)) return nothing;
  let found = known.get(list);
  if (found === undefined) {
    found = new Map((list as (AnyResource | null)[]).flatMap(one => (typeof one?.id === 'string' ? [[one.id, one] as const] : [])));
    known.set(list, found);
  }
  return found;
}
