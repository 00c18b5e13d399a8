/**
 * XHTML → a narrative of R4 with nothing but the form of its blocks: headings, paragraphs, lists, tables. All attributes go, and with them links, pictures and styles;
 * whatever is not formatted text goes with its content; text is cleaned.
 * R4: https://hl7.org/fhir/R4/narrative.html#xhtml
 * @module
 */
import { narrativeFault } from '../../fhir/profile/narrative.ts';
import { Blocks, type Clean } from './blocks.ts';
import { parse } from './markup.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));
const xhtml = 'http://www.w3.org/1999/xhtml';

/** Stay, without attributes. */
const blocks = words('p div h1 h2 h3 h4 h5 h6 blockquote address ul ol li dl dt dd pre table caption thead tbody tfoot tr th td');
/** Go, and leave their text. */
const inline = words('a span b em i strong small big tt dfn q var abbr acronym cite kbd code samp sub sup html body');
/** Neither is in R4's list: they go without their text. */
const isKnown = (name: string): boolean => blocks.has(name) || inline.has(name) || name === 'br' || name === 'hr';

/** One `div` of XHTML; undefined: it is not well-formed, has a DOCTYPE, or cannot be cleaned. */
export function cleanNarrative(text: string, clean: Clean): string | undefined {
  const out = new Blocks();
  // Depth of what goes with its content; 0: nothing does.
  let skipped = 0;
  const whole = parse(text, {
    open: ({ local, uri }) => {
      if (skipped > 0 || !isKnown(local) || (uri !== xhtml && uri !== '')) skipped++;
      else if (blocks.has(local)) out.markup(`<${local}>`);
      else if (local === 'hr') out.markup('<hr/>');
      else if (local === 'br') out.text('\n');
      else out.border(local);
    },
    close: ({ local }) => {
      if (skipped > 0) skipped--;
      else if (blocks.has(local)) out.markup(`</${local}>`);
      else out.border(local, true);
    },
    text: piece => {
      if (skipped === 0) out.text(piece);
    },
  });
  if (!whole) return undefined;
  const inner = out.cleaned(clean, lines => `<p>${lines}</p>`);
  if (inner === undefined) return undefined;
  const div = `<div xmlns="${xhtml}">${inner}</div>`;
  return narrativeFault(div) === undefined ? div : undefined;
}
