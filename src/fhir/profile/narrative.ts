/**
 * What may stand in Narrative.div: well-formed XHTML of the basic formatting elements, and nothing that runs, submits, or loads from elsewhere.
 * A scanner of our own, strict where XML and HTML readers differ, one pass over the text.
 * R4: https://hl7.org/fhir/R4/narrative.html#xhtml, rules txt-1 and txt-2
 * @module
 */

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

const elements = words(
  'p br div h1 h2 h3 h4 h5 h6 a span b em i strong small big tt dfn q var abbr acronym cite blockquote hr address bdo kbd code samp ' +
    'sub sup ul ol li dl dt dd pre table caption colgroup col thead tr tfoot tbody th td img map area',
);

const everywhere = words(
  'title style class id lang xml:lang xml:space dir accesskey tabindex span width align valign char charoff abbr axis headers scope rowspan colspan',
);

const attributes = words(
  'a.href a.name a.charset a.type a.hreflang a.rel a.rev a.shape a.coords blockquote.cite q.cite img.src img.border img.alt img.longdesc img.height ' +
    'img.usemap img.ismap map.name area.shape area.coords area.href area.nohref area.alt table.summary table.border table.frame table.rules ' +
    'table.cellspacing table.cellpadding pre.space td.nowrap div.xmlns table.bgcolor tr.bgcolor td.bgcolor th.bgcolor ul.type ol.type ol.start li.value br.clear',
);

const xhtml = 'http://www.w3.org/1999/xhtml';
const links = words('href cite longdesc');
const entity = /^&(?:lt|gt|amp|quot|apos|#(?:\d{1,7}|x[0-9A-Fa-f]{1,6}));/;
const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Why a narrative is refused; names a rule of the scanner, never a piece of the text. */
export type Fault =
  | 'is not well-formed XHTML'
  | 'is not one div of the XHTML namespace'
  | 'has an element that a narrative may not have'
  | 'has an attribute that a narrative may not have'
  | 'has a link that a narrative may not have'
  | 'loads an image or style from elsewhere'
  | 'has no content';

/** An ampersand outside the entities of XML, or a character reference to what is no character. */
function badText(text: string): boolean {
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', at + 1)) {
    const found = entity.exec(text.slice(at, at + 10))?.[0];
    if (found === undefined || decode(found) === undefined) return true;
  }
  return false;
}

function decode(reference: string): string | undefined {
  const name = reference.slice(1, -1);
  if (name.charAt(0) !== '#') return named[name];
  const point = name.charAt(1) === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  const isCharacter =
    point === 9 || point === 10 || point === 13 || (point >= 0x20 && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff));
  return isCharacter ? String.fromCodePoint(point) : undefined;
}

const decoded = (value: string): string => value.replace(/&[^;]*;/g, reference => decode(reference) ?? '');

/** Links lead to a page or a place on this one; a scheme is named or there is none. */
function badLink(value: string): boolean {
  const target = value.replace(/[\u0000-\u0020\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202f\ufeff]/g, '').toLowerCase();
  const scheme = /^[^/?#]*?:/.exec(target)?.[0];
  return scheme !== undefined && !/^(?:https?|mailto|tel|urn|ftp):$/.test(scheme);
}

/** What a browser leaves out of a URL before it reads it: `/<tab>/a.example` leads to a.example. URL: https://url.spec.whatwg.org/#concept-basic-url-parser */
const dropped = /[\t\n\r]/g;

/** Images stand in the resource (`#id`), on this server, or in the text itself as a picture that cannot run. */
function badImage(value: string): boolean {
  const source = value.replace(dropped, '').trim().toLowerCase();
  if (/^data:\s*image\/(?:png|gif|jpeg|webp);base64,[a-z0-9+/=\s]*$/.test(source)) return false;
  return /[:\\]/.test(source) || source.startsWith('//');
}

/** A picture in the style itself, or beside the page (HL7's publisher draws its tables with them). */
const picture =
  /url\((['"]?)(?:data:\s*image\/(?:png|gif|jpeg|webp);base64,[A-Za-z0-9+/=\s]*|[A-Za-z0-9_-]+(?:\/[A-Za-z0-9_-]+)*\.(?:png|gif|jpg|jpeg|webp))\1\)/g;

/** Style that fetches, runs, or hides what it does behind escapes. */
const badStyle = (value: string): boolean =>
  /(?:url|src|image)\s*\(|image-set|expression|javascript|behavior|-moz-binding|@|\\|\/\*|</i.test(value.replace(picture, ''));

function attributeFault(element: string, name: string, raw: string): Fault | undefined {
  if (!everywhere.has(name) && !attributes.has(`${element}.${name}`)) return 'has an attribute that a narrative may not have';
  if (name === 'style') return badStyle(decoded(raw)) ? 'loads an image or style from elsewhere' : undefined;
  if (name === 'src') return badImage(decoded(raw)) ? 'loads an image or style from elsewhere' : undefined;
  if (name === 'xmlns') return raw === xhtml ? undefined : 'is not one div of the XHTML namespace';
  if (links.has(name)) return badLink(decoded(raw)) ? 'has a link that a narrative may not have' : undefined;
  return undefined;
}

const attribute = /\s+([A-Za-z_][\w.:-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const tagName = /[A-Za-z][A-Za-z0-9]*/y;

/** Index of what follows a comment that starts at `at`, or -1. HTML ends some comments where XML does not: those are refused. */
function commentEnd(div: string, at: number): number {
  const end = div.indexOf('--', at + 4);
  if (end < 0 || div.charCodeAt(end + 2) !== 0x3e || div.charCodeAt(at + 4) === 0x3e || div.startsWith('->', at + 4)) return -1;
  return end + 3;
}

/** Why this text may not be a Narrative.div, or undefined: it may. */
export function narrativeFault(div: string): Fault | undefined {
  const open: string[] = [];
  let hasContent = false;
  let at = 0;
  const end = div.trimEnd().length;
  if (!div.startsWith('<div')) return 'is not one div of the XHTML namespace';
  while (at < end) {
    const next = div.indexOf('<', at);
    const stop = next < 0 ? end : next;
    if (stop > at) {
      if (open.length === 0) return 'is not one div of the XHTML namespace';
      const text = div.slice(at, stop);
      if (badText(text) || text.includes(']]>')) return 'is not well-formed XHTML';
      hasContent ||= text.trim() !== '';
    }
    if (next < 0) break;
    if (div.startsWith('<!--', next)) {
      at = commentEnd(div, next);
      if (at < 0) return 'is not well-formed XHTML';
      continue;
    }
    const closing = div.charCodeAt(next + 1) === 0x2f;
    tagName.lastIndex = next + (closing ? 2 : 1);
    const name = tagName.exec(div)?.[0];
    if (name === undefined) return 'is not well-formed XHTML';
    if (!elements.has(name)) return 'has an element that a narrative may not have';
    at = tagName.lastIndex;
    if (closing) {
      while (div.charCodeAt(at) <= 0x20) at++;
      if (open.pop() !== name || div.charCodeAt(at) !== 0x3e) return 'is not well-formed XHTML';
      at++;
      if (open.length === 0 && at < end) return 'is not one div of the XHTML namespace';
      continue;
    }
    const isRoot = open.length === 0;
    let seen = '';
    let isNamespaced = false;
    attribute.lastIndex = at;
    for (let found = attribute.exec(div); found !== null; found = attribute.exec(div)) {
      const key = found[1]!;
      const raw = found[2] ?? found[3]!;
      if (seen.includes(` ${key} `) || badText(raw)) return 'is not well-formed XHTML';
      seen += ` ${key} `;
      const fault = attributeFault(name, key, raw);
      if (fault !== undefined) return fault;
      isNamespaced ||= key === 'xmlns';
      at = attribute.lastIndex;
    }
    if (isRoot && (name !== 'div' || !isNamespaced)) return 'is not one div of the XHTML namespace';
    while (div.charCodeAt(at) <= 0x20) at++;
    const empty = div.charCodeAt(at) === 0x2f;
    if (empty) at++;
    if (div.charCodeAt(at) !== 0x3e) return 'is not well-formed XHTML';
    at++;
    if (!empty) open.push(name);
    else if (isRoot) return 'has no content';
    if (name === 'img') hasContent = true;
  }
  if (open.length > 0) return 'is not well-formed XHTML';
  return hasContent ? undefined : 'has no content';
}
