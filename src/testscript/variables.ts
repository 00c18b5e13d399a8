/**
 * Variables: evaluated each time they are used, over a fixture, a request or a response, or the last response. `${name}` is replaced; a name that has
 * no value is an error and never an empty text. `runId` is always there: a text that no other run has.
 * R4: https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.variable
 * @module
 */
import type { Json } from '../fhir/model/r4.ts';
import { Fault, Undefined } from './fault.ts';
import { type FhirPath, texts } from './fhirpath.ts';
import type { Memory } from './memory.ts';
import { pathOf } from './path/path.ts';
import { isJson } from './pick.ts';
import type { Variable } from './script.ts';

const placeholder = /\$\{([^{}$]{1,200})\}/g;
const longest = 100_000;

export class Variables {
  private readonly declared: ReadonlyMap<string, Variable>;
  private readonly given: ReadonlyMap<string, string>;
  private readonly memory: Memory;
  private readonly fhirPath: FhirPath;
  /** Bound for one run of a test that runs once per value. */
  private bound: { readonly name: string; readonly value: string } | undefined;

  /** @param given by the caller: they go before what the script says */
  constructor(declared: ReadonlyMap<string, Variable>, given: ReadonlyMap<string, string>, memory: Memory, fhirPath: FhirPath) {
    this.declared = declared;
    this.given = given;
    this.memory = memory;
    this.fhirPath = fhirPath;
  }

  bind(name?: string, value?: string): void {
    this.bound = name === undefined || value === undefined ? undefined : { name, value };
  }

  private known(name: string): boolean {
    return this.bound?.name === name || this.given.has(name) || this.declared.has(name);
  }

  /** @throws Undefined @throws Fault when it has more than one value */
  private async value(name: string): Promise<string> {
    if (this.bound?.name === name) return this.bound.value;
    const given = this.given.get(name);
    if (given !== undefined) return given;
    const variable = this.declared.get(name);
    if (variable === undefined) throw new Undefined(name, 'the script does not declare it.');
    const { sourceId, defaultValue, expression, headerField, path } = variable;
    if (expression === undefined && headerField === undefined && path === undefined) {
      if (defaultValue === undefined) throw new Undefined(name, 'it has no default and nothing to be taken from.');
      return defaultValue;
    }
    const fallback = (why: string): string => {
      if (defaultValue === undefined) throw new Undefined(name, why);
      return defaultValue;
    };
    if (sourceId === undefined ? this.memory.response === undefined : !this.memory.has(sourceId))
      return fallback(sourceId === undefined ? 'there is no response yet.' : `there is no ${sourceId} yet.`);
    const source = this.memory.of(sourceId, 'response');
    if (headerField !== undefined) return source.headers.get(headerField) ?? fallback(`there is no header ${headerField}.`);
    if (source.json === undefined) return fallback('the body cannot be read.');
    const found = expression !== undefined ? texts(await this.fhirPath.evaluate(source.json, expression)) : pathOf(source.json, path!);
    if (found.length > 1) throw new Fault(`The variable ${name} has ${found.length} values.`);
    if (found[0] !== undefined && /^[{[]/.test(found[0])) throw new Fault(`The variable ${name} is no primitive value.`);
    return found[0] ?? fallback('nothing is found there.');
  }

  /**
   * @param as what is done to a value before it is put in
   * @throws Undefined
   */
  async replace(text: string, as: (value: string) => string = value => value): Promise<string> {
    if (!text.includes('${')) return text;
    const names = new Set([...text.matchAll(placeholder)].map(m => m[1]!));
    const values = new Map<string, string>();
    for (const name of names) values.set(name, as(await this.value(name)));
    const replaced = text.replace(placeholder, (_, name: string) => values.get(name)!);
    if (replaced.length > longest + text.length) throw new Fault('A text with its variables replaced is too long.');
    return replaced;
  }

  /** For a URL: a `+` in a value is a plus and no blank; unless the text is nothing but one variable, which then is the URL itself. */
  url(text: string): Promise<string> {
    return this.replace(text, /^\$\{[^{}]+\}$/.test(text) ? undefined : value => value.replaceAll('+', '%2B'));
  }

  /** For FHIRPath: inside quotation marks a value stays one text. */
  expression(text: string): Promise<string> {
    return this.replace(text, value => value.replace(/[\\']/g, '\\$&'));
  }

  /** Texts of a fixture's body. R4 has no variables there: only names that are known are replaced, others stay as they are. */
  async body<T>(json: T): Promise<T> {
    if (typeof json === 'string') {
      const names = [...json.matchAll(placeholder)].map(m => m[1]!);
      return (names.length > 0 && names.every(n => this.known(n)) ? await this.replace(json) : json) as T;
    }
    if (Array.isArray(json)) {
      const list: unknown[] = [];
      for (const one of json) list.push(await this.body(one));
      return list as T;
    }
    if (!isJson(json) || Object.getPrototypeOf(json) !== Object.prototype) return json;
    const copy: Json = {};
    for (const [key, value] of Object.entries(json)) if (key !== '__proto__') copy[key] = await this.body(value as unknown);
    return copy as T;
  }
}
