/**
 * What a $operation is: an OperationDefinition from profiles/ and a function; the definition alone says where it is called and which parameters it takes.
 * R4: https://hl7.org/fhir/R4/operations.html, https://hl7.org/fhir/R4/operationdefinition.html
 * @module
 */
import { readFileSync } from 'node:fs';
import type { OperationDefinition, OperationDefinitionParameter } from '@medplum/fhirtypes';
import type { Access } from '../fhir/model/access.ts';
import type { Answer } from '../fhir/model/exchange.ts';
import { Decimal } from '../fhir/model/json.ts';
import { Problem } from '../fhir/model/outcome.ts';
import { type AnyResource, isResourceType, type Json } from '../fhir/model/r4.ts';

/** Parameters that were sent, checked: name → values, each the `value[x]`, the resource, or the parts as a Given of their own. Absent ones have no key. */
export type Given = ReadonlyMap<string, readonly unknown[]>;

/** Where an operation is called: of the base nothing is said, of a type its name, of an instance its id too, of one of its versions the number. */
export interface At {
  readonly type?: string;
  readonly id?: string;
  readonly versionId?: number;
}

export interface Operation {
  readonly definition: OperationDefinition;
  /** An `out` parameter that is alone, named `return` and a resource is the answer's resource; else that is Parameters. */
  readonly run: (given: Given, access: Access, at: At) => Promise<Answer>;
}

/** An OperationDefinition by its id: `deidentify` → profiles/OperationDefinition-deidentify.json. Where several have one code, the id starts with the type: `ValueSet-expand`. */
export const definitionOf = (id: string): OperationDefinition =>
  JSON.parse(readFileSync(new URL(`../../profiles/OperationDefinition-${id}.json`, import.meta.url), 'utf8')) as OperationDefinition;

const choiceOf = (type: string): string => 'value' + type[0]!.toUpperCase() + type.slice(1);

const wrong = (name: string, text: string): Problem =>
  new Problem('invalid-parameter', text, { expression: `Parameters.parameter.where(name='${name}')` });

const abstractTypes: ReadonlySet<string> = new Set(['Resource', 'DomainResource']);

/** Whether the values of a parameter of this type are resources. */
export const takesResource = (type: string): boolean => abstractTypes.has(type) || type === 'Parameters' || isResourceType(type);

/** Whether this property of Parameters.parameter may carry a parameter: `valueString`, `resource`, `part` … One of type `Any` is a resource or a Reference; one of type `Element` any value. */
function carries(property: string, parameter: OperationDefinitionParameter): boolean {
  if (parameter.part !== undefined) return property === 'part';
  const type: string = parameter.type ?? 'Any';
  if (type === 'Any') return property === 'resource' || property === 'valueReference';
  if (type === 'Element') return /^value[A-Z]\w*$/.test(property);
  return property === (takesResource(type) ? 'resource' : choiceOf(type));
}

const texts = 'base64Binary canonical code date dateTime id instant markdown oid string time uri url uuid'.split(' ');
const numbers = ['integer', 'positiveInt', 'unsignedInt'];
const primitives: ReadonlySet<string> = new Set([...texts, ...numbers, 'boolean', 'decimal']);
const textProperties: ReadonlySet<string> = new Set(texts.map(choiceOf));
const numberProperties: ReadonlySet<string> = new Set(numbers.map(choiceOf));

/** Whether a parameter's value can stand in a URL. */
export const isPrimitive = ({ type, part }: OperationDefinitionParameter): boolean => part === undefined && primitives.has(type ?? '');

function fits(property: string, value: unknown, type: string): boolean {
  if (property === 'part') return Array.isArray(value);
  if (property === 'valueBoolean') return typeof value === 'boolean';
  if (property === 'valueDecimal') return typeof value === 'number' || value instanceof Decimal;
  if (numberProperties.has(property)) return Number.isInteger(value);
  if (textProperties.has(property)) return typeof value === 'string' && value.trim() !== '';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return property !== 'resource' || !takesResource(type) || abstractTypes.has(type) || (value as Json)['resourceType'] === type;
}

/**
 * A Parameters resource against the definition: names, types, cardinality.
 * Throws Problem `invalid-parameter` for what is unknown, missing, repeated or of another type.
 */
export function parametersIn(definition: OperationDefinition, body: AnyResource | undefined): Given {
  if (body?.resourceType !== 'Parameters') throw new Problem('invalid-request', 'The body of this operation is a Parameters resource.');
  const sent = body['parameter'] ?? [];
  if (!Array.isArray(sent))
    throw new Problem('invalid-structure', 'Parameters.parameter is a list.', { expression: 'Parameters.parameter' });
  return givenIn(inputs(definition), sent as Json[], 'Parameters.parameter');
}

type Defined = OperationDefinitionParameter;

/** The parameters that a call may give. */
export const inputs = ({ parameter = [] }: OperationDefinition): readonly Defined[] => parameter.filter(one => one.use === 'in');

/** @param place of the list that these stand in: `Parameters.parameter`, `Parameters.parameter[2].part` */
function givenIn(defined: readonly Defined[], sent: readonly Json[], place: string): Given {
  const known = new Map(defined.map(one => [one.name as string, one]));
  const given = new Map<string, unknown[]>();
  for (const [index, one] of sent.entries()) {
    const name = one?.['name'];
    const parameter = typeof name === 'string' ? known.get(name) : undefined;
    if (parameter === undefined) {
      throw new Problem('invalid-parameter', 'The operation has no parameter of this name.', { expression: `${place}[${index}].name` });
    }
    const properties = Object.keys(one).filter(key => key !== 'name' && key !== 'id');
    const property = properties[0];
    const isOne = properties.length === 1 && property !== undefined;
    if (!isOne || !carries(property, parameter) || !fits(property, one[property], parameter.type ?? 'Any')) {
      const what = parameter.part === undefined ? `one value of type ${parameter.type ?? 'Resource or Reference'}` : 'parts';
      throw wrong(parameter.name!, `The parameter ${parameter.name} has ${what}.`);
    }
    const value =
      property === 'part' ? givenIn(parameter.part as Defined[], one[property] as Json[], `${place}[${index}].part`) : one[property];
    given.set(parameter.name!, [...(given.get(parameter.name!) ?? []), value]);
  }
  for (const [name, parameter] of known) {
    const count = given.get(name)?.length ?? 0;
    if (count < (parameter.min ?? 0)) throw wrong(name, `The parameter ${name} is required.`);
    if (parameter.max !== '*' && count > Number(parameter.max ?? '1'))
      throw wrong(name, `The parameter ${name} may be given ${parameter.max} time(s).`);
  }
  return given;
}
