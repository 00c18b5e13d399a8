/**
 * The selectors of an XML Patch: steps by name, position and value, and an attribute or text at the end. No functions, no axes, no way back up.
 * RFC 5261 §4.1, §4.2; XPath 1.0 §2.5 (abbreviated syntax)
 * @module
 */
import { Problem } from '../../model/outcome.ts';
import { textOf, type XmlElement } from './xml-tree.ts';

/** A name of XML in its namespace; a uri that is undefined is any. */
interface Name {
  readonly uri: string | undefined;
  /** `*` is any. */
  readonly local: string;
}

type Test =
  | { readonly kind: 'position'; readonly position: number }
  /** What the steps lead to has this text. */
  | { readonly kind: 'value'; readonly path: readonly Step[]; readonly value: string };

type Step =
  | { readonly kind: 'element'; readonly name: Name; readonly tests: readonly Test[] }
  | { readonly kind: 'attribute'; readonly name: string }
  | { readonly kind: 'text' };

/** What a selector finds. */
export type Found =
  /** `parent` is undefined for the root. */
  | { readonly kind: 'element'; readonly element: XmlElement; readonly parent: XmlElement | undefined }
  | { readonly kind: 'attribute'; readonly element: XmlElement; readonly name: string }
  | { readonly kind: 'text'; readonly element: XmlElement; readonly index: number };

const longest = 1000;
const mostSteps = 50;
const refuse = (): Problem =>
  new Problem('invalid-request', 'A selector of the patch is no path of steps, positions and values that is known here.');

const token = /\s*(?:"([^"]*)"|'([^']*)'|(\d+)|(text\(\))|([A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?)|([A-Za-z_][\w.-]*:\*)|([/@*[\].=]))/y;

interface Token {
  readonly kind: 'literal' | 'number' | 'text' | 'name' | 'mark';
  readonly text: string;
}

function tokens(selector: string): Token[] {
  const list: Token[] = [];
  token.lastIndex = 0;
  const end = selector.trimEnd().length;
  while (token.lastIndex < end) {
    const found = token.exec(selector);
    if (found === null) throw refuse();
    const [, double, single, number, text, name, any, mark] = found;
    const literal = double ?? single;
    if (literal !== undefined) list.push({ kind: 'literal', text: literal });
    else if (number !== undefined) list.push({ kind: 'number', text: number });
    else if (text !== undefined) list.push({ kind: 'text', text });
    else if (name !== undefined || any !== undefined) list.push({ kind: 'name', text: (name ?? any)! });
    else list.push({ kind: 'mark', text: mark! });
  }
  return list;
}

/**
 * @param scope prefix → namespace where the selector stands. Without a default namespace there, a name without a prefix is that of any namespace:
 * RFC 5261 would have it in none, where no element of FHIR is
 */
function parse(selector: string, scope: Readonly<Record<string, string>>): readonly Step[] {
  if (selector.length > longest) throw refuse();
  const list = tokens(selector);
  let at = 0;
  let steps = 0;
  const is = (mark: string): boolean => list[at]?.kind === 'mark' && list[at]!.text === mark;
  const take = (mark: string): void => {
    if (!is(mark)) throw refuse();
    at++;
  };

  const name = (): Name => {
    if (is('*')) {
      at++;
      return { uri: undefined, local: '*' };
    }
    const one = list[at++];
    if (one?.kind !== 'name') throw refuse();
    const [first, second] = one.text.split(':') as [string, string | undefined];
    if (second === undefined) return { uri: scope[''] === undefined || scope[''] === '' ? undefined : scope[''], local: first };
    if (!Object.hasOwn(scope, first)) throw refuse();
    return { uri: scope[first], local: second };
  };

  const test = (): Test => {
    const one = list[at];
    if (one?.kind === 'number') {
      at++;
      return { kind: 'position', position: Number(one.text) };
    }
    const isSelf = is('.');
    if (isSelf) at++;
    const path = isSelf ? [] : relative(false);
    take('=');
    const literal = list[at++];
    if (literal?.kind !== 'literal') throw refuse();
    return { kind: 'value', path, value: literal.text };
  };

  const step = (isTop: boolean): Step => {
    if (++steps > mostSteps) throw refuse();
    if (is('@')) {
      at++;
      const one = list[at++];
      if (one?.kind !== 'name' || (one.text.includes(':') && !one.text.startsWith('xml:'))) throw refuse();
      return { kind: 'attribute', name: one.text };
    }
    if (list[at]?.kind === 'text') {
      at++;
      return { kind: 'text' };
    }
    const of = name();
    const tests: Test[] = [];
    while (isTop && is('[')) {
      take('[');
      tests.push(test());
      take(']');
    }
    return { kind: 'element', name: of, tests };
  };

  function relative(isTop: boolean): Step[] {
    const path = [step(isTop)];
    while (is('/')) {
      if (path.at(-1)!.kind !== 'element') throw refuse();
      at++;
      path.push(step(isTop));
    }
    return path;
  }

  if (is('/')) at++;
  const path = relative(true);
  if (at < list.length) throw refuse();
  return path;
}

const isNamed = ({ uri, local }: Name, element: XmlElement): boolean =>
  (local === '*' || local === element.name) && (uri === undefined || uri === element.uri);

const saidBy = (found: Found): string => {
  if (found.kind === 'element') return textOf(found.element);
  return found.kind === 'attribute' ? found.element.attributes.get(found.name)! : (found.element.children[found.index] as string);
};

function passes(all: readonly Found[], test: Test): readonly Found[] {
  if (test.kind === 'position') return all.slice(test.position - 1, test.position === 0 ? 0 : test.position);
  return all.filter(
    one => one.kind === 'element' && (test.path.length === 0 ? [one] : walk([one], test.path)).some(end => saidBy(end) === test.value),
  );
}

function below(element: XmlElement, step: Step): readonly Found[] {
  if (step.kind === 'attribute') return element.attributes.has(step.name) ? [{ kind: 'attribute', element, name: step.name }] : [];
  if (step.kind === 'text')
    return element.children.flatMap((child, index) => (typeof child === 'string' ? [{ kind: 'text', element, index } as const] : []));
  const named = element.children.flatMap(child =>
    typeof child !== 'string' && isNamed(step.name, child) ? [{ kind: 'element', element: child, parent: element } as const] : [],
  );
  return step.tests.reduce<readonly Found[]>(passes, named);
}

function walk(from: readonly Found[], steps: readonly Step[]): readonly Found[] {
  return steps.reduce<readonly Found[]>(
    (found, step) => found.flatMap(one => (one.kind === 'element' ? below(one.element, step) : [])),
    from,
  );
}

/** What a selector finds in a document. Throws 400 for one that is none. */
export function select(root: XmlElement, selector: string, scope: Readonly<Record<string, string>>): readonly Found[] {
  const [first, ...rest] = parse(selector, scope);
  if (first?.kind !== 'element') throw refuse();
  const top: Found = { kind: 'element', element: root, parent: undefined };
  const start = isNamed(first.name, root) ? first.tests.reduce<readonly Found[]>(passes, [top]) : [];
  return walk(start, rest);
}
