/**
 * What a $operation is: an OperationDefinition from profiles/ and a function; the definition alone says which parameters it takes.
 * R4: https://hl7.org/fhir/R4/operations.html, https://hl7.org/fhir/R4/operationdefinition.html
 * @module
 */
import { readFileSync } from 'node:fs';
import type { OperationDefinition, OperationDefinitionParameter } from '@medplum/fhirtypes';
import type { Access } from '../fhir/model/access.ts';
import type { Answer } from '../fhir/model/exchange.ts';
import { Problem } from '../fhir/model/outcome.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';

/** Parameters that were sent, checked: name → values, each the `value[x]`, the resource, or the parts as a Given of their own. Absent ones have no key. */
export type Given = ReadonlyMap<string, readonly unknown[]>;

export interface Operation {
  readonly definition: OperationDefinition;
  readonly run: (given: Given, access: Access) => Promise<Answer>;
}

/** `deidentify` → profiles/OperationDefinition-deidentify.json. */
export const definitionOf = (code: string): OperationDefinition =>
  JSON.parse(readFileSync(new URL(`../../profiles/OperationDefinition-${code}.json`, import.meta.url), 'utf8')) as OperationDefinition;

const choiceOf = (type: string): string => 'value' + type[0]!.toUpperCase() + type.slice(1);

const wrong = (name: string, text: string): Problem =>
  new Problem('invalid-parameter', text, { expression: `Parameters.parameter.where(name='${name}')` });

/** Which property of Parameters.parameter may carry a parameter: `valueString`, `resource`, `part` … A parameter of any type (`Any`) has two. */
function carriers(parameter: OperationDefinitionParameter): readonly string[] {
  if (parameter.part !== undefined) return ['part'];
  const type: string = parameter.type ?? 'Any';
  if (type === 'Any') return ['resource', 'valueReference'];
  return /^(Resource|Bundle|Measure|Patient|Parameters)$/.test(type) ? ['resource'] : [choiceOf(type)];
}

const datatypes: ReadonlySet<string> = new Set('Attachment CodeableConcept Coding Identifier Period Reference'.split(' ').map(choiceOf));
const numbers: ReadonlySet<string> = new Set('integer positiveInt unsignedInt'.split(' ').map(choiceOf));

function fits(property: string, value: unknown): boolean {
  if (property === 'part') return Array.isArray(value);
  if (property === 'resource' || datatypes.has(property)) return typeof value === 'object' && value !== null && !Array.isArray(value);
  if (property === 'valueBoolean') return typeof value === 'boolean';
  if (numbers.has(property)) return Number.isInteger(value);
  return typeof value === 'string' && value.trim() !== '';
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
  return givenIn((definition.parameter ?? []).filter(one => one.use === 'in') as Defined[], sent as Json[], 'Parameters.parameter');
}

type Defined = OperationDefinitionParameter;

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
    if (properties.length !== 1 || property === undefined || !carriers(parameter).includes(property) || !fits(property, one[property])) {
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
