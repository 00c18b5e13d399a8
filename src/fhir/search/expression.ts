/**
 * The grammar of the FHIRPath that search parameters are written in, and of no more: paths, indexers, function calls, `is`, `as`, `|`, `=`, `!=`, `and`, `or`.
 * FHIRPath: http://hl7.org/fhirpath/N1/#grammar, R4: https://hl7.org/fhir/R4/searchparameter-definitions.html#SearchParameter.expression
 * @module
 */

export type Expression =
  /** The focus: `$this`, or what a leading name is a member of. */
  | { readonly kind: 'this' }
  | { readonly kind: 'resource' }
  | { readonly kind: 'literal'; readonly value: string | boolean | number }
  /** `root` where the name stands first and may be that of a type. */
  | { readonly kind: 'member'; readonly of: Expression; readonly name: string; readonly root: boolean }
  | { readonly kind: 'index'; readonly of: Expression; readonly index: number }
  | { readonly kind: 'call'; readonly of: Expression; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'is' | 'as'; readonly of: Expression; readonly type: string }
  | { readonly kind: '|' | '=' | '!=' | 'and' | 'or'; readonly left: Expression; readonly right: Expression };

const token = /\s*(?:'((?:[^'\\]|\\.)*)'|(\d+)|(%?[A-Za-z_$][\w]*)|(!=|[|().,[\]=]))/y;

interface Token {
  readonly kind: 'string' | 'number' | 'name' | 'mark' | 'end';
  readonly text: string;
}

function tokens(text: string): Token[] {
  const list: Token[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.trimEnd().length) {
    const at = token.lastIndex;
    const m = token.exec(text);
    if (m === null) throw new Error(`search expression: unexpected character at ${at} of ${text}`);
    if (m[1] !== undefined) list.push({ kind: 'string', text: m[1].replace(/\\(.)/g, '$1') });
    else if (m[2] !== undefined) list.push({ kind: 'number', text: m[2] });
    else if (m[3] !== undefined) list.push({ kind: 'name', text: m[3] });
    else list.push({ kind: 'mark', text: m[4]! });
  }
  list.push({ kind: 'end', text: '' });
  return list;
}

/** Throws Error on what is not in the grammar: in a definition of ours that is a bug. */
export function parseExpression(text: string): Expression {
  const list = tokens(text);
  let at = 0;
  const peek = (): Token => list[at]!;
  const is = (...marks: string[]): boolean => (peek().kind === 'mark' || peek().kind === 'name') && marks.includes(peek().text);
  const take = (mark?: string): Token => {
    if (mark !== undefined && peek().text !== mark) throw new Error(`search expression: ${mark} expected in ${text}`);
    return list[at++]!;
  };

  const binary = (operators: readonly ('|' | '=' | '!=' | 'and' | 'or')[], below: () => Expression) => (): Expression => {
    let left = below();
    while (is(...operators)) left = { kind: take().text as '|', left, right: below() };
    return left;
  };

  const name = (): string => {
    let full = take().text;
    while (is('.')) {
      take();
      full = take().text;
    }
    return full;
  };

  const call = (of: Expression, fn: string): Expression => {
    take('(');
    const args: Expression[] = [];
    while (!is(')')) {
      args.push(expression());
      if (is(',')) take();
    }
    take(')');
    const [first] = args;
    if ((fn === 'as' || fn === 'is' || fn === 'ofType') && first?.kind === 'member')
      return { kind: fn === 'is' ? 'is' : 'as', of, type: first.name };
    return { kind: 'call', of, name: fn, args };
  };

  const term = (): Expression => {
    const t = take();
    if (t.kind === 'string') return { kind: 'literal', value: t.text };
    if (t.kind === 'number') return { kind: 'literal', value: Number(t.text) };
    if (t.text === '(') {
      const inner = expression();
      take(')');
      return inner;
    }
    if (t.kind !== 'name') throw new Error(`search expression: a term is missing in ${text}`);
    if (t.text === 'true' || t.text === 'false') return { kind: 'literal', value: t.text === 'true' };
    if (t.text === '$this') return { kind: 'this' };
    if (t.text === '%resource' || t.text === '%context') return { kind: 'resource' };
    return is('(') ? call({ kind: 'this' }, t.text) : { kind: 'member', of: { kind: 'this' }, name: t.text, root: true };
  };

  const invocation = (): Expression => {
    let of = term();
    while (is('.', '[')) {
      if (take().text === '[') {
        if (peek().kind !== 'number') throw new Error(`search expression: a number is missing in ${text}`);
        of = { kind: 'index', of, index: Number(take().text) };
        take(']');
      } else {
        const member = take().text;
        of = is('(') ? call(of, member) : { kind: 'member', of, name: member, root: false };
      }
    }
    return of;
  };

  const union = binary(['|'], invocation);
  const typed = (): Expression => {
    let of = union();
    while (is('is', 'as')) of = { kind: take().text as 'is', of, type: name() };
    return of;
  };
  const equality = binary(['=', '!='], typed);
  const conjunction = binary(['and'], equality);
  const expression = binary(['or'], conjunction);

  const whole = expression();
  if (peek().kind !== 'end') throw new Error(`search expression: something is left over in ${text}`);
  return whole;
}
