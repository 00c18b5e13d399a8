/**
 * XPath 1.0 over the XML form of a resource, as far as scripts use it: location paths with the axes child, attribute, parent, self and
 * descendant-or-self in their short forms, predicates, comparisons, `and`, `or`, `|`, `+`, `-`, and the common functions. Prefixes are not looked at: all
 * elements are FHIR's. What is none of these is a fault.
 * XPath: https://www.w3.org/TR/1999/REC-xpath-19991116/
 * @module
 */
import { Fault } from '../fault.ts';
import { Budget } from './budget.ts';
import { type Node, xmlTree } from './xml-tree.ts';

type Value = Node[] | string | number | boolean;
interface Place {
  readonly node: Node;
  readonly position: number;
  readonly size: number;
}
type Expression = (place: Place) => Value;

const stringOf = (node: Node): string => node.attribute ?? node.text + node.children.map(stringOf).join('');
const asString = (v: Value): string => (Array.isArray(v) ? (v[0] === undefined ? '' : stringOf(v[0])) : String(v));
const asNumber = (v: Value): number => {
  const text = asString(v).trim();
  return text === '' ? Number.NaN : Number(text);
};
const asBoolean = (v: Value): boolean => (Array.isArray(v) ? v.length > 0 : typeof v === 'string' ? v !== '' : Boolean(v));

const functions: Readonly<Record<string, (args: Value[], place: Place) => Value>> = {
  last: (_, p) => p.size,
  position: (_, p) => p.position,
  count: ([v]) => (Array.isArray(v) ? v.length : 0),
  name: ([v], p) => (Array.isArray(v) ? (v[0]?.name ?? '') : p.node.name),
  'local-name': ([v], p) => (Array.isArray(v) ? (v[0]?.name ?? '') : p.node.name),
  string: ([v], p) => asString(v ?? [p.node]),
  concat: args => args.map(asString).join(''),
  'starts-with': ([a, b]) => asString(a ?? '').startsWith(asString(b ?? '')),
  contains: ([a, b]) => asString(a ?? '').includes(asString(b ?? '')),
  'substring-before': ([a, b]) => {
    const at = asString(a ?? '').indexOf(asString(b ?? ''));
    return at < 0 ? '' : asString(a ?? '').slice(0, at);
  },
  'substring-after': ([a, b]) => {
    const [whole, part] = [asString(a ?? ''), asString(b ?? '')];
    return whole.includes(part) ? whole.slice(whole.indexOf(part) + part.length) : '';
  },
  'string-length': ([v], p) => [...asString(v ?? [p.node])].length,
  'normalize-space': ([v], p) =>
    asString(v ?? [p.node])
      .replace(/\s+/g, ' ')
      .trim(),
  boolean: ([v]) => asBoolean(v ?? false),
  not: ([v]) => !asBoolean(v ?? false),
  true: () => true,
  false: () => false,
  number: ([v], p) => asNumber(v ?? [p.node]),
  sum: ([v]) => (Array.isArray(v) ? v.reduce((sum, node) => sum + asNumber([node]), 0) : Number.NaN),
};

const tokens =
  /\s*(?:(\/\/|\/|\.\.|\.|@|\[|\]|\(|\)|,|\||\+|-|!=|<=|>=|=|<|>|\*)|([A-Za-z_][\w.-]*(?::(?:[A-Za-z_][\w.-]*|\*))?)|("[^"]*"|'[^']*')|(\d+(?:\.\d+)?))/y;

function tokensOf(path: string): string[] {
  const found: string[] = [];
  tokens.lastIndex = 0;
  const end = path.trimEnd().length;
  while (tokens.lastIndex < end) {
    const at = tokens.lastIndex;
    const match = tokens.exec(path);
    if (match === null) throw new Fault(`The XPath cannot be understood at its character ${at + 1}.`);
    found.push(match[1] ?? match[2] ?? match[3] ?? match[4]!);
  }
  return found;
}

const isName = (token: string | undefined): token is string => token !== undefined && /^[A-Za-z_]/.test(token);
const local = (name: string): string => name.slice(name.indexOf(':') + 1);

class Parser {
  private at = 0;
  private depth = 0;
  private readonly tokens: readonly string[];
  private readonly root: Node;
  private readonly budget = new Budget();
  constructor(path: string, root: Node) {
    this.tokens = tokensOf(path);
    this.root = root;
  }

  private get next(): string | undefined {
    return this.tokens[this.at];
  }
  private take(...wanted: string[]): string | undefined {
    return this.next !== undefined && wanted.includes(this.next) ? this.tokens[this.at++] : undefined;
  }
  private fail(): never {
    throw new Fault(`The XPath cannot be understood at ${this.next === undefined ? 'its end' : JSON.stringify(this.next)}.`);
  }
  private expect(token: string): void {
    if (this.take(token) === undefined) this.fail();
  }

  whole(): Expression {
    const parsed = this.or();
    if (this.next !== undefined) this.fail();
    return parsed;
  }

  private chain(
    operand: () => Expression,
    operators: readonly string[],
    apply: (operator: string, a: Value, b: Value) => Value,
  ): Expression {
    let left = operand();
    for (let operator = this.take(...operators); operator !== undefined; operator = this.take(...operators)) {
      const [a, b, does] = [left, operand(), operator];
      left = place => apply(does, a(place), b(place));
    }
    return left;
  }

  private or(): Expression {
    if (++this.depth > 100) throw new Fault('The XPath is nested too deeply.');
    const parsed = this.chain(
      () => this.and(),
      ['or'],
      (_, a, b) => asBoolean(a) || asBoolean(b),
    );
    this.depth--;
    return parsed;
  }
  private and(): Expression {
    return this.chain(
      () => this.equality(),
      ['and'],
      (_, a, b) => asBoolean(a) && asBoolean(b),
    );
  }
  private equality(): Expression {
    return this.chain(() => this.relation(), ['=', '!='], compare);
  }
  private relation(): Expression {
    return this.chain(() => this.sum(), ['<', '>', '<=', '>='], compare);
  }
  private sum(): Expression {
    return this.chain(
      () => this.union(),
      ['+', '-'],
      (o, a, b) => (o === '+' ? asNumber(a) + asNumber(b) : asNumber(a) - asNumber(b)),
    );
  }
  private union(): Expression {
    return this.chain(
      () => this.path(),
      ['|'],
      (_, a, b) => (Array.isArray(a) && Array.isArray(b) ? [...new Set([...a, ...b])] : this.fail()),
    );
  }

  private path(): Expression {
    const { next } = this;
    if (next === undefined) return this.fail();
    if (/^["']/.test(next)) {
      this.at++;
      return () => next.slice(1, -1);
    }
    if (/^\d/.test(next)) {
      this.at++;
      return () => Number(next);
    }
    if (next === '(' || (isName(next) && this.tokens[this.at + 1] === '(' && next !== 'text' && next !== 'node')) {
      const first = next === '(' ? this.grouped() : this.call();
      if (this.next !== '/' && this.next !== '//' && this.next !== '[') return first;
      return this.filtered(first);
    }
    const absolute = this.take('/', '//');
    const start: Expression = absolute === undefined ? place => [place.node] : () => [this.root];
    if (absolute === '/' && (this.next === undefined || [']', ')', '=', '|', ','].includes(this.next))) return start;
    return this.steps(start, absolute === '//');
  }

  private grouped(): Expression {
    this.expect('(');
    const inner = this.or();
    this.expect(')');
    return inner;
  }

  private filtered(first: Expression): Expression {
    const tests = this.predicates();
    const kept: Expression = place => {
      const nodes = first(place);
      return Array.isArray(nodes) ? this.kept(nodes, tests) : this.fail();
    };
    const slash = this.take('/', '//');
    return slash === undefined ? kept : this.steps(kept, slash === '//');
  }

  private call(): Expression {
    const name = this.tokens[this.at++]!;
    const does = Object.hasOwn(functions, name) ? functions[name]! : undefined;
    if (does === undefined) throw new Fault(`The XPath function ${name}() is not supported.`);
    this.expect('(');
    const args: Expression[] = [];
    if (this.next !== ')')
      do args.push(this.or());
      while (this.take(',') !== undefined);
    this.expect(')');
    return place =>
      does(
        args.map(arg => arg(place)),
        place,
      );
  }

  private steps(start: Expression, deep: boolean): Expression {
    let from = this.step(start, deep);
    for (let slash = this.take('/', '//'); slash !== undefined; slash = this.take('/', '//')) from = this.step(from, slash === '//');
    return from;
  }

  private step(from: Expression, deep: boolean): Expression {
    const select = this.node();
    const tests = this.predicates();
    return place => {
      const starts = from(place);
      if (!Array.isArray(starts)) return this.fail();
      const origins = deep ? starts.flatMap(start => this.descendants(start)) : starts;
      const found = new Set<Node>();
      for (const origin of origins) {
        const selected = select(origin);
        this.budget.spend(1 + selected.length);
        for (const node of this.kept(selected, tests)) found.add(node);
      }
      return [...found];
    };
  }

  private node(): (origin: Node) => Node[] {
    if (this.take('.') !== undefined) return origin => [origin];
    if (this.take('..') !== undefined) return origin => (origin.parent === undefined ? [] : [origin.parent]);
    const attribute = this.take('@') !== undefined;
    const name = this.take('*') ?? (isName(this.next) ? this.tokens[this.at++]! : this.fail());
    if (this.take('(') !== undefined) {
      this.expect(')');
      if (name === 'node') return origin => origin.children;
      return origin =>
        origin.text === '' ? [] : [{ name: '', attribute: origin.text, parent: origin, children: [], attributes: [], text: '' }];
    }
    const wanted = local(name);
    return origin => (attribute ? origin.attributes : origin.children).filter(n => wanted === '*' || n.name === wanted);
  }

  private kept(nodes: Node[], tests: readonly Expression[]): Node[] {
    return tests.reduce(
      (left, test) =>
        left.filter((node, i) => {
          this.budget.spend(1);
          const value = test({ node, position: i + 1, size: left.length });
          return typeof value === 'number' ? value === i + 1 : asBoolean(value);
        }),
      nodes,
    );
  }

  private descendants(node: Node): Node[] {
    this.budget.spend(1);
    return [node, ...node.children.flatMap(child => this.descendants(child))];
  }

  private predicates(): Expression[] {
    const tests: Expression[] = [];
    while (this.take('[') !== undefined) {
      tests.push(this.or());
      this.expect(']');
    }
    return tests;
  }
}

/** Comparison of XPath 1.0: a set of nodes compares by any of its nodes. */
function compare(operator: string, a: Value, b: Value): boolean {
  if (Array.isArray(a) && typeof b !== 'boolean')
    return a.some(node => compare(operator, typeof b === 'number' ? asNumber([node]) : stringOf(node), b));
  if (Array.isArray(b) && typeof a !== 'boolean')
    return b.some(node => compare(operator, a, typeof a === 'number' ? asNumber([node]) : stringOf(node)));
  if (operator === '=' || operator === '!=') {
    const equal =
      typeof a === 'boolean' || typeof b === 'boolean'
        ? asBoolean(a) === asBoolean(b)
        : typeof a === 'number' || typeof b === 'number'
          ? asNumber(a) === asNumber(b)
          : a === b;
    return equal === (operator === '=');
  }
  const [x, y] = [asNumber(a), asNumber(b)];
  return operator === '<' ? x < y : operator === '>' ? x > y : operator === '<=' ? x <= y : x >= y;
}

/** Texts of what is found. @throws Fault for what is no XPath that is supported here */
export function xPath(json: unknown, path: string): string[] {
  const root = xmlTree(json);
  const found = new Parser(path, root).whole()({ node: root, position: 1, size: 1 });
  return Array.isArray(found)
    ? found.map(node => node.attribute ?? node.attributes.find(a => a.name === 'value')?.attribute ?? stringOf(node))
    : [String(found)];
}
