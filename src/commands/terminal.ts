/**
 * Text for a terminal: columns that stay in line with Japanese in them, colours only where somebody sees them.
 * @module
 */
import type { WriteStream } from 'node:tty';

export interface Style {
  readonly strong: (text: string) => string;
  readonly quiet: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
}

/** Colours for a terminal that has them (NO_COLOR is obeyed); elsewhere the text as it is. */
export function styleOf(stream: Partial<Pick<WriteStream, 'isTTY' | 'hasColors'>>): Style {
  const colours = stream.isTTY === true && stream.hasColors?.() === true;
  const code = (start: number, end: number) => (text: string) => (colours ? `\u001b[${start}m${text}\u001b[${end}m` : text);
  return { strong: code(1, 22), quiet: code(2, 22), good: code(32, 39), bad: code(31, 39) };
}

/** Columns of one character: East Asian wide and full-width ones take two. https://www.unicode.org/reports/tr11/ */
const columnsOf = (character: string): number =>
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u.test(
    character,
  )
    ? 2
    : 1;

export const widthOf = (text: string): number => [...text].reduce((sum, c) => sum + columnsOf(c), 0);

/** Cut to `width` columns, the last of them an ellipsis where something is missing. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let out = '';
  let used = 1;
  for (const c of text) {
    used += columnsOf(c);
    if (used > width) break;
    out += c;
  }
  return out + '…';
}

/** Exactly `width` columns. */
export function column(text: string, width: number): string {
  const short = cut(text, width);
  return short + ' '.repeat(Math.max(0, width - widthOf(short)));
}
