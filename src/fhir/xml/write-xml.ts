/**
 * A resource as JSON has it → XML: elements in the order of their type, decimals with their digits, narratives as they are.
 * R4: https://hl7.org/fhir/R4/xml.html
 * @module
 */
import { Decimal } from '../model/json.ts';
import { Problem } from '../model/outcome.ts';
import type { AnyResource, Json } from '../model/r4.ts';
import { isObject } from '../profile/findings.ts';
import { narrativeFault } from '../profile/narrative.ts';
import { fhirNamespace, isConcrete, type Shape, type Slot, shapeOf } from './shape.ts';

/** Characters that stand in XML as references; in an attribute blanks other than the space too, which would be read as spaces. */
export const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};
/** Characters that XML 1.0 cannot hold at all. */
const impossible = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;
const special = /[&<>"\u0000-\u001f\ud800-\udfff\ufffe\uffff]/;

/** Text as it may stand in an attribute; blanks other than the space would be read as spaces. */
const escaped = (text: string): string =>
  special.test(text) ? text.replace(impossible, '\ufffd').replace(/[&<>"\t\n\r]/g, character => references[character]!) : text;

class Writer {
  out = '<?xml version="1.0" encoding="UTF-8"?>';
  private readonly pretty: boolean;
  private level = 0;

  constructor(pretty: boolean) {
    this.pretty = pretty;
  }

  resource(json: Json, isRoot: boolean): void {
    const type = json['resourceType'];
    if (typeof type !== 'string' || !isConcrete(type)) throw unknown('resourceType');
    this.break();
    this.out += isRoot ? `<${type} xmlns="${fhirNamespace}"` : `<${type}`;
    this.children(type, json, shapeOf(type));
  }

  /** What follows the name of an element that is open: its children and its end. */
  private children(name: string, json: Json, shape: Shape): void {
    const slots: Slot[] = [];
    let isOrdered = true;
    let last = 0;
    for (const key in json) {
      if (json[key] === undefined) continue;
      const isBeside = key.charCodeAt(0) === 0x5f;
      const slot = shape.get(isBeside ? key.slice(1) : key);
      // One element has this name too: that of ExampleScenario.instance.
      if (slot === undefined && key === 'resourceType') continue;
      if (slot === undefined) throw unknown(name);
      if (slot.attribute || (isBeside && json[slot.key] !== undefined)) continue;
      if (slot.order < last) isOrdered = false;
      last = slot.order;
      slots.push(slot);
    }
    if (!isOrdered) slots.sort((a, b) => a.order - b.order);
    if (slots.length === 0) {
      this.out += '/>';
      return;
    }
    this.out += '>';
    this.level++;
    for (const slot of slots) this.property(slot, json[slot.key], json[slot.beside]);
    this.level--;
    this.break();
    this.out += `</${name}>`;
  }

  private property(slot: Slot, value: unknown, beside: unknown): void {
    if (!slot.array) {
      this.element(slot, value, beside);
      return;
    }
    const values = Array.isArray(value) ? value : [];
    const besides = Array.isArray(beside) ? beside : [];
    const length = Math.max(values.length, besides.length);
    for (let i = 0; i < length; i++) this.element(slot, values[i], besides[i]);
  }

  private element(slot: Slot, value: unknown, beside: unknown): void {
    const { key, content } = slot;
    this.break();
    if (content === 'value') {
      this.value(slot, value, beside);
    } else if (content === 'xhtml') {
      // Stored narratives were judged when they came; one that was not would break the document.
      if (typeof value !== 'string' || narrativeFault(value) !== undefined)
        throw new Problem('unsafe-narrative', undefined, { expression: slot.path });
      this.out += value.replace(impossible, '\ufffd');
    } else if (!isObject(value)) {
      throw unknown(slot.path);
    } else if (content === 'resource') {
      this.out += `<${key}>`;
      this.level++;
      this.resource(value, false);
      this.level--;
      this.break();
      this.out += `</${key}>`;
    } else {
      const shape = shapeOf(slot.type);
      this.out += `<${key}`;
      this.attributes(value, shape);
      this.children(key, value, shape);
    }
  }

  private value({ key, path }: Slot, value: unknown, beside: unknown): void {
    this.out += `<${key}`;
    const more = isObject(beside) ? beside : undefined;
    if (more !== undefined) this.attributes(more, shapeOf('Element'));
    if (typeof value === 'string') this.out += ` value="${escaped(value)}"`;
    else if (typeof value === 'number' || typeof value === 'boolean') this.out += ` value="${value}"`;
    else if (value instanceof Decimal) this.out += ` value="${value.text}"`;
    else if (value !== undefined && value !== null) throw unknown(path);
    if (more?.['extension'] === undefined) this.out += '/>';
    else this.children(key, more, shapeOf('Element'));
  }

  private attributes({ id, url }: Json, shape: Shape): void {
    if (typeof id === 'string') this.out += ` id="${escaped(id)}"`;
    if (typeof url === 'string' && shape.get('url')?.attribute === true) this.out += ` url="${escaped(url)}"`;
  }

  private break(): void {
    if (this.pretty) this.out += `\n${'  '.repeat(this.level)}`;
  }
}

const unknown = (path: string): Problem =>
  new Problem('invalid-structure', 'The resource has an element that FHIR R4 does not know, or of the wrong shape.', { expression: path });

/**
 * A resource → UTF-8 bytes of its XML document.
 * @param resource of R4's elements and shapes, as the validator leaves it
 * @param more.pretty one element a line, indented; a narrative stays as it is
 * @throws Problem `invalid-structure`, `unsafe-narrative` for what is no resource of R4
 */
export function writeXml(resource: AnyResource, { pretty = false }: { pretty?: boolean } = {}): Buffer {
  const writer = new Writer(pretty);
  writer.resource(resource, true);
  return Buffer.from(writer.out);
}
