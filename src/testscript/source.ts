/**
 * From files to scripts: a file is a TestScript, or a Bundle of TestScripts and of the fixtures they refer to; other files are fixtures and are
 * left alone. JSON and XML.
 * R4: https://hl7.org/fhir/R4/testscript.html, https://hl7.org/fhir/R4/bundle.html#references
 * @module
 */
import { parseJson } from '../fhir/model/json.ts';
import type { Json } from '../fhir/model/r4.ts';
import { readXml } from '../fhir/xml/read-xml.ts';
import { said } from './fault.ts';
import { readPlain } from './files.ts';
import { isJson } from './pick.ts';

/** Where a script's references lead. */
export interface Source {
  /** Path of its file. */
  readonly file: string;
  /** fullUrl and `Type/id` → resource of the same Bundle. */
  readonly bundle: ReadonlyMap<string, Json>;
}

/** One script of a file, or why there is none. */
export type Sourced = { readonly source: Source } & ({ readonly json: Json } | { readonly fault: string });

/** @throws Problem when the bytes are no resource; of JSON any value is taken, for a JSON Patch is a list */
export const parseFile = (bytes: Buffer, file: string): unknown => (/\.xml$/i.test(file) ? readXml(bytes) : parseJson(bytes));

const alone = (file: string): Source => ({ file, bundle: new Map() });

/** @param strict the file was named by the caller: then it has to be a script */
export function scriptsOf(file: string, strict: boolean): Sourced[] {
  let json: unknown;
  try {
    json = parseFile(readPlain(file), file);
  } catch (error) {
    return [{ source: alone(file), fault: `The file cannot be read: ${said(error)}` }];
  }
  if (isJson(json) && json['resourceType'] === 'TestScript') return [{ source: alone(file), json }];
  if (isJson(json) && json['resourceType'] === 'Bundle' && Array.isArray(json['entry'])) {
    const bundle = new Map<string, Json>();
    const scripts: Json[] = [];
    for (const entry of json['entry'] as unknown[]) {
      if (!isJson(entry) || !isJson(entry['resource'])) continue;
      const { resource, fullUrl } = entry as { resource: Json; fullUrl?: unknown };
      if (typeof fullUrl === 'string') bundle.set(fullUrl, resource);
      if (typeof resource['id'] === 'string') bundle.set(`${resource['resourceType']}/${resource['id']}`, resource);
      if (resource['resourceType'] === 'TestScript') scripts.push(resource);
    }
    if (scripts.length > 0) return scripts.map(script => ({ source: { file, bundle }, json: script }));
  }
  return strict ? [{ source: alone(file), fault: 'The file holds no TestScript.' }] : [];
}
