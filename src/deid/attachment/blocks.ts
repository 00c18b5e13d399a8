/**
 * Formatted text as blocks (paragraphs, cells, items): inline markup goes, because a name may stand half in it and half outside, and each block is cleaned as one text.
 * Where the whole, read at once, says more than its blocks (a family name in one cell, a given name in the next), the whole is cleaned, and leaves without its form.
 * @module
 */
import { isDigit } from '../text/letters.ts';
import { escaped } from './markup.ts';

export type Clean = (text: string) => string | undefined;

/** A piece of output: markup of ours, or the text of a block. */
export type Piece = { readonly markup: string } | { readonly text: string };

export class Blocks {
  private readonly pieces: Piece[] = [];
  private pending = '';
  private between = '';

  /** Ends the block that was being read. */
  end(): void {
    const text = this.pending.replace(/[^\S\n]+/g, ' ').trim();
    if (text !== '') this.pieces.push({ text });
    this.pending = '';
    this.between = '';
  }

  markup(markup: string): void {
    this.end();
    this.pieces.push({ markup });
  }

  /** A raised or lowered piece begins here, or ends: 10<sup>5</sup> is neither 105 nor, with a sign, a range. */
  border(local: string, isEnd = false): void {
    if (local === 'sup' || local === 'sub') this.between = isEnd ? ' ' : local === 'sup' ? '^' : '_';
  }

  text(text: string): void {
    const follows = this.between === ' ' ? /^\d/ : /^[-+\u2212\u2013]?\d{1,2}$/;
    if (this.between !== '' && isDigit(this.pending.charCodeAt(this.pending.length - 1)) && follows.test(text))
      this.pending += this.between;
    this.between = '';
    this.pending += text;
  }

  /**
   * @param paragraph puts lines of text into markup, where the form goes
   * @returns markup; undefined: it cannot be cleaned
   */
  cleaned(clean: Clean, paragraph: (lines: string) => string): string | undefined {
    this.end();
    const texts = this.pieces.flatMap(piece => ('text' in piece ? [piece.text] : []));
    const each = texts.map(text => clean(text));
    const whole = texts.length > 1 ? clean(texts.join('\n')) : each[0];
    if (texts.length > 0 && whole === undefined) return undefined;
    if (each.includes(undefined) || (texts.length > 1 && each.join('\n') !== whole)) return paragraph(lines(whole!));
    let n = 0;
    return this.pieces.map(piece => ('text' in piece ? lines(each[n++]!) : piece.markup)).join('');
  }
}

const lines = (text: string): string => text.split('\n').map(escaped).join('<br/>');
