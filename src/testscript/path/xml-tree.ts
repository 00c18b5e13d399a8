/**
 * The XML form of a resource as a tree to walk, made of its JSON: a primitive is an element with @value, an element's id and an extension's url are
 * attributes, a resource inside another stands in an element of its type. Elements of one name keep their order.
 * R4: https://hl7.org/fhir/R4/xml.html
 * @module
 */
import type { Json } from '../../fhir/model/r4.ts';
import { textOf } from '../message.ts';
import { isJson } from '../pick.ts';

export interface Node {
  /** Local name; '' for the document. */
  readonly name: string;
  /** Set for an attribute: its value. */
  readonly attribute?: string;
  readonly parent?: Node;
  readonly children: Node[];
  readonly attributes: Node[];
  /** Text of the narrative. */
  text: string;
}

const element = (name: string, parent: Node): Node => {
  const made: Node = { name, parent, children: [], attributes: [], text: '' };
  parent.children.push(made);
  return made;
};

const attribute = (name: string, value: string, parent: Node): void => {
  parent.attributes.push({ name, attribute: value, parent, children: [], attributes: [], text: '' });
};

function fill(node: Node, json: Json, resource: boolean): void {
  for (const [key, value] of Object.entries(json)) {
    if (key === 'resourceType') continue;
    // An element with extensions but no value stands in JSON under `_name` alone.
    const name = key.startsWith('_') ? key.slice(1) : key;
    if (key.startsWith('_') && Object.hasOwn(json, name)) continue;
    if (!resource && (name === 'id' || (name === 'url' && node.name.endsWith('xtension'))) && typeof value === 'string')
      attribute(name, value, node);
    else {
      const beside = json[`_${name}`];
      const list: unknown[] = Array.isArray(value) ? value : [value];
      for (const [i, one] of list.entries())
        add(node, name, key.startsWith('_') ? undefined : one, key.startsWith('_') ? one : Array.isArray(beside) ? beside[i] : beside);
    }
  }
}

function add(parent: Node, name: string, value: unknown, more: unknown): void {
  const made = element(name, parent);
  const text = textOf(value);
  if (text !== undefined && name === 'div' && parent.name === 'text') made.text = text.replace(/<[^<>]*>/g, '');
  else if (text !== undefined) attribute('value', text, made);
  else if (isJson(value) && typeof value['resourceType'] === 'string') fill(element(value['resourceType'], made), value, true);
  else if (isJson(value)) fill(made, value, false);
  if (isJson(more)) fill(made, more, false);
}

/** The document of a resource. */
export function xmlTree(json: unknown): Node {
  const document: Node = { name: '', children: [], attributes: [], text: '' };
  if (isJson(json) && typeof json['resourceType'] === 'string') fill(element(json['resourceType'], document), json, true);
  return document;
}
