/**
 * How an operation is called: at the base, a type or an instance; by POST with Parameters, or with the one resource that it takes; and by GET where it changes
 * nothing and what it needs can stand in a URL.
 * R4: https://hl7.org/fhir/R4/operations.html#executing
 * @module
 */
import type { OperationDefinition } from '@medplum/fhirtypes';
import type { Request } from '../fhir/model/exchange.ts';
import { Problem } from '../fhir/model/outcome.ts';
import { type AnyResource, isId, isResourceType, type Json } from '../fhir/model/r4.ts';
import { type At, type Given, inputs, isPrimitive, parametersIn, takesResource } from './operation.ts';

/** A path's last part and where that is asked: `ValueSet/1/$expand`. Undefined: no operation can stand there. */
export function readPath(path: string): { readonly code: string; readonly at: At } | undefined {
  const segments = path.split('/');
  const last = segments.pop()!;
  const [type, id, history, version, ...rest] = segments;
  if (!last.startsWith('$') || rest.length > 0) return undefined;
  const code = last.slice(1);
  if (type === undefined) return { code, at: {} };
  if (!isResourceType(type)) return undefined;
  if (id === undefined) return { code, at: { type } };
  if (!isId(id)) return undefined;
  if (history === undefined) return { code, at: { type, id } };
  if (history !== '_history' || version === undefined || !/^[1-9]\d{0,14}$/.test(version)) return undefined;
  return { code, at: { type, id, versionId: Number(version) } };
}

/** Whether an operation is called there. */
export function isCalledAt({ system, type, instance, resource = [] }: OperationDefinition, at: At): boolean {
  if (at.type === undefined) return system === true;
  const types: readonly string[] = resource;
  if (!types.includes(at.type) && !types.includes('Resource') && !types.includes('DomainResource')) return false;
  return (at.id === undefined ? type : instance) === true;
}

/** Whether a URL can hold all that a call needs, and the call may be repeated at will. */
const isSafe = (definition: OperationDefinition): boolean =>
  definition.affectsState === false && inputs(definition).every(one => isPrimitive(one) || (one.min ?? 0) === 0);

/** Of the answer's form: read where the request comes in. */
const ofForm: ReadonlySet<string> = new Set(['_format', '_pretty']);

/**
 * What a call gives, from its body or its URL.
 * @throws Problem `method-not-allowed`; `invalid-parameter`, `invalid-request` for what the definition does not allow
 */
export function givenOf(definition: OperationDefinition, { method, query, body }: Request): Given {
  const allowed = isSafe(definition) ? ['GET', 'HEAD', 'POST'] : ['POST'];
  if (!allowed.includes(method)) throw new Problem('method-not-allowed', undefined, { headers: { Allow: allowed.join(', ') } });
  const pairs = query.filter(([name]) => !ofForm.has(name));
  if (method === 'POST' && body?.resourceType === 'Parameters') {
    if (pairs.length > 0) throw new Problem('invalid-parameter', 'This operation takes its parameters in the body alone.');
    return parametersIn(definition, body);
  }
  if (method === 'POST' && body === undefined && pairs.length > 0 && !isSafe(definition))
    throw new Problem('invalid-parameter', 'This operation takes its parameters in the body alone.');
  const parameter = pairs.map(pair => inUrl(definition, pair));
  if (method === 'POST' && body !== undefined) parameter.unshift(alone(definition, body));
  return parametersIn(definition, { resourceType: 'Parameters', parameter });
}

/** The body, in the name of the one parameter that takes a resource. */
function alone(definition: OperationDefinition, resource: AnyResource): Json {
  const [one, ...more] = inputs(definition).filter(({ type, part }) => part === undefined && takesResource(type ?? 'Any'));
  if (one === undefined || more.length > 0)
    throw new Problem('invalid-request', 'The body of this operation is a Parameters resource.', { expression: 'resourceType' });
  return { name: one.name, resource };
}

/** A parameter of the URL as Parameters would have it. */
function inUrl(definition: OperationDefinition, [name, text]: readonly [string, string]): Json {
  const parameter = inputs(definition).find(one => one.name === name);
  const refuse = (sentence: string) => new Problem('invalid-parameter', sentence, { expression: parameter ? `http.${name}` : 'http' });
  if (parameter === undefined) throw refuse('The operation has no parameter of this name.');
  if (!isPrimitive(parameter)) throw refuse(`The parameter ${name} cannot stand in a URL: send it by POST, in Parameters.`);
  const type = parameter.type!;
  const property = 'value' + type[0]!.toUpperCase() + type.slice(1);
  const value = readText(type, text);
  if (value === undefined) throw refuse(`The parameter ${name} is of type ${type}.`);
  return { name, [property]: value };
}

function readText(type: string, text: string): unknown {
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined;
  if (type === 'decimal') return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
  if (type === 'integer' || type === 'positiveInt' || type === 'unsignedInt') return /^-?\d{1,10}$/.test(text) ? Number(text) : undefined;
  return text;
}
