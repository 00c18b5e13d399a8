/**
 * XML Patch: changes to the XML form of a resource, each at the one node that a selector finds.
 * RFC 5261; R4: https://hl7.org/fhir/R4/http.html#patch
 * @module
 */
import { Problem } from '../../model/outcome.ts';
import type { AnyResource, Json } from '../../model/r4.ts';
import { readXml } from '../../xml/read-xml.ts';
import { fhirNamespace, type Shape, shapeOf } from '../../xml/shape.ts';
import { writeXml } from '../../xml/write-xml.ts';
import { type Budget, isSame } from './values.ts';
import { copyOf, isBlank, readTree, textOf, writeTree, type XmlElement } from './xml-tree.ts';
import { type Found, select } from './xpath.ts';

const malformed = (number: number, text: string): Problem => new Problem('invalid-request', `Operation ${number} of the patch ${text}`);
const impossible = (number: number, text: string): Problem => new Problem('unprocessable', `Operation ${number} of the patch ${text}`);

interface Operation {
  readonly element: XmlElement;
  /** The one node that it means. */
  readonly found: Found;
  readonly number: number;
}

/** Attributes that an operation may have, and the values of those that are words. */
const allowed: Readonly<Record<string, Readonly<Record<string, RegExp>>>> = {
  add: { sel: /^/, pos: /^(?:before|after|prepend)$/, type: /^@[A-Za-z_][\w.-]*$/ },
  replace: { sel: /^/ },
  remove: { sel: /^/, ws: /^(?:before|after|both)$/ },
};

/** What an operation brings: its content without the blanks around it, in the namespace of where it goes unless it says another. */
function contentOf({ children }: XmlElement, within: string): (XmlElement | string)[] {
  const from = children.findIndex(child => !isBlank(child));
  const to = children.findLastIndex(child => !isBlank(child));
  return from < 0 ? [] : children.slice(from, to + 1).map(child => (typeof child === 'string' ? child : copyOf(child, within)));
}

/** The one element that an operation brings. */
function elementIn({ element, found, number }: Operation): XmlElement {
  const [one, ...more] = contentOf(element, found.element.uri);
  if (one === undefined || typeof one === 'string' || more.length > 0)
    throw malformed(number, 'brings one element, and nothing beside it.');
  return one;
}

function textIn({ element, number }: Operation): string {
  if (element.children.some(child => typeof child !== 'string')) throw malformed(number, 'brings text alone.');
  return textOf(element);
}

/** Each changes the tree in its place; the root may be another afterwards. */
const does: Readonly<Record<string, (operation: Operation, root: XmlElement) => XmlElement>> = {
  add(operation, root) {
    const { element, found, number } = operation;
    const { attributes } = element;
    if (found.kind !== 'element') throw impossible(number, 'adds to what is no element.');
    const attribute = attributes.get('type')?.slice(1);
    if (attribute !== undefined) {
      if (found.element.attributes.has(attribute)) throw impossible(number, 'adds an attribute that is there already.');
      found.element.attributes.set(attribute, textIn(operation));
      return root;
    }
    const position = attributes.get('pos');
    const beside = position === 'before' || position === 'after' ? found.parent : found.element;
    const content = contentOf(element, beside?.uri ?? '');
    if (position === undefined) found.element.children.push(...content);
    else if (position === 'prepend') found.element.children.unshift(...content);
    else {
      if (found.parent === undefined) throw impossible(number, 'adds beside the resource.');
      const at = found.parent.children.indexOf(found.element);
      found.parent.children.splice(position === 'before' ? at : at + 1, 0, ...content);
    }
    return root;
  },

  replace(operation, root) {
    const { found } = operation;
    if (found.kind === 'attribute') found.element.attributes.set(found.name, textIn(operation));
    else if (found.kind === 'text') found.element.children[found.index] = textIn(operation);
    else {
      const fresh = elementIn(operation);
      if (found.parent === undefined) return fresh;
      found.parent.children[found.parent.children.indexOf(found.element)] = fresh;
    }
    return root;
  },

  remove({ element, found, number }, root) {
    if (element.children.some(child => !isBlank(child))) throw malformed(number, 'removes, and brings something.');
    if (found.kind === 'attribute') found.element.attributes.delete(found.name);
    else if (found.kind === 'text') found.element.children.splice(found.index, 1);
    else {
      if (found.parent === undefined) throw impossible(number, 'removes the resource itself.');
      found.parent.children.splice(found.parent.children.indexOf(found.element), 1);
    }
    return root;
  },
};

/** Elements in the order of their type, as FHIR asks, wherever a patch has put them. */
function order(element: XmlElement, shape: Shape): void {
  const placeOf = (child: XmlElement | string): number =>
    typeof child === 'string' ? 0 : (shape.get(child.name)?.order ?? Number.POSITIVE_INFINITY);
  const elements = element.children.filter(child => typeof child !== 'string' || !isBlank(child));
  element.children.splice(0, element.children.length, ...elements.sort((a, b) => placeOf(a) - placeOf(b)));
  for (const child of elements) {
    if (typeof child === 'string' || child.uri !== fhirNamespace) continue;
    const slot = shape.get(child.name);
    if (slot?.content === 'elements') order(child, shapeOf(slot.type));
    if (slot?.content === 'resource') for (const inner of child.children) if (typeof inner !== 'string') order(inner, shapeOf(inner.name));
  }
}

const plainOf = (resource: AnyResource): Json => ({
  ...resource,
  text: undefined,
  ...(Array.isArray(resource['contained']) ? { contained: (resource['contained'] as AnyResource[]).map(plainOf) } : {}),
});

/** A narrative that says what it said is as it was, to the byte. */
function withNarratives(patched: AnyResource, untouched: AnyResource, original: AnyResource): AnyResource {
  const text = patched['text'] !== undefined && isSame(patched['text'], untouched['text']) ? { text: original['text'] } : {};
  const containedIn = (resource: AnyResource) => (Array.isArray(resource['contained']) ? (resource['contained'] as AnyResource[]) : []);
  const inside = containedIn(patched).map(one => {
    const at = containedIn(untouched).findIndex(({ id }) => id === one.id);
    return at < 0 ? one : withNarratives(one, containedIn(untouched)[at]!, containedIn(original)[at]!);
  });
  return { ...patched, ...text, ...(inside.length > 0 ? { contained: inside } : {}) };
}

/**
 * The resource with the patch applied. Throws 400 for what is no XML Patch, or leaves no XML of FHIR; 422 for what cannot be done.
 * @param budget what the operations may cost
 */
export function applyXmlPatch(resource: AnyResource, patch: Buffer, budget: Budget): AnyResource {
  const document = readTree(patch);
  const operations = document.children.filter(child => !isBlank(child));
  budget.operations(operations.length);
  let root = readTree(writeXml(resource));
  const untouched = readXml(writeTree(root));
  if (!isSame(JSON.parse(JSON.stringify(plainOf(untouched))), JSON.parse(JSON.stringify(plainOf(resource)))))
    throw new Problem('unprocessable', 'The resource holds what XML cannot: send another kind of patch.');
  for (const [index, element] of operations.entries()) {
    budget.time();
    const number = index + 1;
    if (typeof element === 'string' || !Object.hasOwn(does, element.name)) throw malformed(number, 'is none of add, replace and remove.');
    const known = allowed[element.name]!;
    for (const [name, value] of element.attributes)
      if (!Object.hasOwn(known, name) || !known[name]!.test(value))
        throw malformed(number, 'has an attribute that is not known or not usable.');
    const selector = element.attributes.get('sel');
    if (selector === undefined) throw malformed(number, 'has no selector.');
    const [found, ...more] = select(root, selector, { ...document.declared, ...element.declared });
    if (found === undefined) throw impossible(number, 'leads to nothing.');
    if (more.length > 0) throw impossible(number, 'leads to more than one place.');
    root = does[element.name]!({ element, found, number }, root);
  }
  order(root, shapeOf(root.name));
  return withNarratives(readXml(writeTree(root)), untouched, resource);
}
