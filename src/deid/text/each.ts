/**
 * Every match of an expression in a text.
 * @module
 */

/** @param expression with the flag g; its `lastIndex` is its own again afterwards */
export function each(expression: RegExp, plain: string, found: (match: RegExpExecArray) => void): void {
  expression.lastIndex = 0;
  for (let match = expression.exec(plain); match !== null; match = expression.exec(plain)) {
    found(match);
    if (match[0] === '') expression.lastIndex++;
  }
}
