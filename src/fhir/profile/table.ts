/**
 * The table of R4's types and required value sets (r4.ndjson), one row a line: read once at first use, a row parsed when it is asked for.
 * R4: https://hl7.org/fhir/R4/datatypes.html, https://hl7.org/fhir/R4/resourcelist.html
 * @module
 */
import { readFileSync } from 'node:fs';

/** A type that an element may have. */
export interface TypeCode {
  /** `string`, `Quantity`, `Resource`, or the path of a group: `Observation.referenceRange`. */
  readonly code: string;
  /** Resource types that a Reference may lead to; absent: all. */
  readonly targets?: readonly string[];
  /** SimpleQuantity: without a comparator. */
  readonly simple?: true;
}

/** An invariant of severity error. */
export interface RuleRow {
  readonly key: string;
  /** The specification's sentence. */
  readonly text: string;
  /** FHIRPath. */
  readonly expression: string;
}

export interface ElementRow {
  /** `status`, `value[x]`. */
  readonly name: string;
  readonly required?: true;
  readonly array?: true;
  /** Part of a summary. R4: https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.isSummary */
  readonly summary?: true;
  readonly types: readonly TypeCode[];
  /** Value set of a required binding; also `all-languages` for codes of languages. */
  readonly valueSet?: string;
  /** Invariants of this element alone, not of its type. */
  readonly rules?: readonly RuleRow[];
}

/** A resource type, a data type, or a group of elements inside one (`Patient.contact`). */
export interface TypeRow {
  readonly row: 'type';
  readonly path: string;
  readonly kind: 'resource' | 'datatype' | 'backbone';
  readonly abstract?: true;
  readonly elements: readonly ElementRow[];
  readonly rules?: readonly RuleRow[];
}

export interface ValueSetRow {
  readonly row: 'valueSet';
  readonly url: string;
  /** System → codes; absent: the specification does not list them. */
  readonly codes?: Readonly<Record<string, readonly string[]>>;
}

export type Row = TypeRow | ValueSetRow;

let lines: ReadonlyMap<string, string> | undefined;

/** Path or URL → its line. */
function table(): ReadonlyMap<string, string> {
  if (lines === undefined) {
    const text = readFileSync(new URL('./r4.ndjson', import.meta.url), 'utf8');
    lines = new Map(
      text
        .split('\n')
        .filter(line => line !== '')
        .map(line => [/^\{"row":"\w+","\w+":"([^"]+)"/.exec(line)![1]!, line]),
    );
  }
  return lines;
}

/** The row of a type or group, or undefined: R4 has none of this name. */
export function typeRow(path: string): TypeRow | undefined {
  const line = table().get(path);
  return line?.startsWith('{"row":"type"') ? (JSON.parse(line) as TypeRow) : undefined;
}

/** Codes of a required value set by system, or undefined: not listed in the specification. */
export function valueSetCodes(url: string): ValueSetRow['codes'] {
  const line = table().get(url);
  return line === undefined ? undefined : (JSON.parse(line) as ValueSetRow).codes;
}

/** Paths of all types and groups, in the order of the specification. */
export const typePaths = (): string[] => [...table()].flatMap(([path, line]) => (line.startsWith('{"row":"type"') ? [path] : []));
