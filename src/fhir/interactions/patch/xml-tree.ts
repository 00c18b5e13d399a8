/**
 * A small tree of an XML document: elements with their namespaces, attributes and texts; comments are left out. Nothing is fetched, no entity is defined.
 * XML 1.0, Namespaces in XML; R4: https://hl7.org/fhir/R4/xml.html
 * @module
 */

import { isUtf8 } from 'node:buffer';
import { SaxesParser } from 'saxes';
import { Problem } from '../../model/outcome.ts';
import { references } from '../../xml/write-xml.ts';

export interface XmlElement {
  /** Without its prefix. */
  readonly name: string;
  /** Namespace; '' for none. */
  readonly uri: string;
  /** By name; of attributes with a prefix only `xml:…`. */
  readonly attributes: Map<string, string>;
  readonly children: (XmlElement | string)[];
  /** Prefix → namespace, as far as it is declared here; '' is the default. */
  readonly declared: Readonly<Record<string, string>>;
}

const deepest = 200;
const mostElements = 500_000;

const notUnderstood = (text: string): Problem => new Problem('invalid-xml', text);

/** Throws 400 for what is not well-formed, has a DOCTYPE, or is deeper or larger than any resource. */
export function readTree(bytes: Buffer): XmlElement {
  if (!isUtf8(bytes)) throw notUnderstood('The XML is not UTF-8.');
  const parser = new SaxesParser({ xmlns: true });
  const open: XmlElement[] = [];
  let root: XmlElement | undefined;
  let count = 0;
  parser.on('error', () => {
    throw notUnderstood('The XML is not well-formed.');
  });
  parser.on('doctype', () => {
    throw notUnderstood('A document of FHIR has no DOCTYPE.');
  });
  parser.on('opentag', tag => {
    if (open.length >= deepest) throw new Problem('too-deep');
    if (++count > mostElements) throw new Problem('too-long', 'The XML has too many elements.');
    const attributes = new Map<string, string>();
    for (const { prefix, local, name, value } of Object.values(tag.attributes)) {
      if (prefix === 'xmlns' || name === 'xmlns' || prefix === 'xsi') continue;
      if (prefix !== '' && prefix !== 'xml') throw notUnderstood('An attribute has a namespace that FHIR does not use.');
      attributes.set(prefix === '' ? local : name, value);
    }
    const element: XmlElement = { name: tag.local, uri: tag.uri, attributes, children: [], declared: { ...tag.ns } };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('closetag', () => void open.pop());
  const text = (one: string) => void (one !== '' && open.at(-1)?.children.push(one));
  parser.on('text', text);
  parser.on('cdata', text);
  parser.write(bytes.toString('utf8').replace(/^\ufeff/, '')).close();
  return root!;
}

const inAttribute = (text: string): string => text.replace(/[&<>"\t\n\r]/g, character => references[character]!);
const inText = (text: string): string => text.replace(/[&<>\r]/g, character => references[character]!);

/** The document again; each element in its namespace, without prefixes. */
export function writeTree(root: XmlElement): Buffer {
  const pieces: string[] = [];
  const write = ({ name, uri, attributes, children }: XmlElement, around: string): void => {
    pieces.push(`<${name}`);
    if (uri !== around) pieces.push(` xmlns="${inAttribute(uri)}"`);
    for (const [attribute, value] of attributes) pieces.push(` ${attribute}="${inAttribute(value)}"`);
    pieces.push(children.length === 0 ? '/>' : '>');
    for (const child of children) {
      if (typeof child === 'string') pieces.push(inText(child));
      else write(child, uri);
    }
    if (children.length > 0) pieces.push(`</${name}>`);
  };
  write(root, '');
  return Buffer.from(pieces.join(''));
}

export const isBlank = (child: XmlElement | string): boolean => typeof child === 'string' && /^[ \t\r\n]*$/.test(child);

/** All text below an element. */
export const textOf = ({ children }: XmlElement): string =>
  children.map(child => (typeof child === 'string' ? child : textOf(child))).join('');

/** A copy that shares nothing that can change. @param within namespace of what is in none: that of where the copy goes */
export function copyOf(element: XmlElement, within: string): XmlElement {
  const uri = element.uri === '' ? within : element.uri;
  return {
    ...element,
    uri,
    attributes: new Map(element.attributes),
    children: element.children.map(child => (typeof child === 'string' ? child : copyOf(child, uri))),
  };
}
