/**
 * Search parameters that somebody stores: what a SearchParameter must be to be searched by, and what it becomes.
 * Their expressions keep to what R4's own are written in (expression.ts), without `%resource`: a path, whatever it is, costs no more than a walk through the resource.
 * R4: https://hl7.org/fhir/R4/searchparameter.html
 * @module
 */
import type { Finding } from '../model/outcome.ts';
import { type AnyResource, isResourceType } from '../model/r4.ts';
import { compile } from './compile.ts';
import { converter } from './convert.ts';
import { type Expression, parseExpression } from './expression.ts';
import { type Parameter, searchParameters } from './parameters.ts';
import type { ParameterType } from './values.ts';

const usableTypes: ReadonlySet<unknown> = new Set(['token', 'string', 'date', 'number', 'quantity', 'reference', 'uri']);

/** Definitions of profiles/: JP Core's parameters, which a server that loads JP Core itself gets once more. */
const own = 'https://noren.example/fhir/SearchParameter/';

/** Letters of an expression, and parentheses within each other. */
const longest = 2000;
const deepest = 20;

/**
 * The parameters that a SearchParameter defines, one for each of its bases; or what is wrong with it.
 * Neither where it defines nothing here: it is not active, has no expression, has a modifier extension or implicit rules (which are not known here), or says what is served already (a copy of one of the specification's, one of JP Core's).
 */
export function customParameters(resource: AnyResource): {
  readonly parameters: readonly Parameter[];
  readonly findings: readonly Finding[];
} {
  const { status, code, type, expression, url } = resource;
  const nothing = { parameters: [], findings: [] };
  if (resource.resourceType !== 'SearchParameter' || status !== 'active' || expression === undefined) return nothing;
  if (resource['modifierExtension'] !== undefined || resource['implicitRules'] !== undefined) return nothing;
  const bases = Array.isArray(resource['base']) ? resource['base'] : [];
  // What has another shape than R4's the validator says.
  if (typeof code !== 'string' || typeof expression !== 'string' || typeof url !== 'string' || bases.some(one => typeof one !== 'string'))
    return nothing;
  const standard = bases.map(base => searchParameters(String(base)).get(code));
  if (standard.every(one => one?.url === url || one?.url.startsWith(own))) return nothing;

  const findings: Finding[] = [];
  const wrong = (element: string, text: string): void =>
    void findings.push({ kind: 'business-rule', text, expression: `SearchParameter.${element}` });
  if (!/^[A-Za-z][A-Za-z0-9-]{0,63}$/.test(code))
    wrong('code', 'A code is made of letters, digits and hyphens here, and begins with a letter.');
  if (standard.some(one => one !== undefined))
    wrong('code', 'The code is that of another parameter, of the specification or of this server, for one of the bases.');
  if (!bases.every(base => isResourceType(String(base))))
    wrong('base', 'Each base is the name of a resource type that is served here; Resource and DomainResource are none.');
  if (!usableTypes.has(type)) wrong('type', 'Parameters of type composite and special are not indexed here.');
  if (findings.length > 0) return { parameters: [], findings };

  try {
    const parsed = parseBounded(expression);
    const targets = Array.isArray(resource['target']) ? resource['target'].map(String).filter(isResourceType) : [];
    const parameters = bases.map((base): Parameter => {
      const ways = compile(parsed, String(base));
      if (!ways.some(way => converter(type as ParameterType, way.type) !== undefined))
        throw new Error('the expression selects nothing of such a type');
      return { code, type: type as ParameterType, base: String(base), expression, targets: type === 'reference' ? targets : [], url };
    });
    return { parameters, findings };
  } catch {
    wrong(
      'expression',
      'The expression cannot be indexed here: only paths, indexers, where, exists, first, extension, as, is and ofType are, and each base must have an element that it selects, of a type that fits.',
    );
    return { parameters: [], findings };
  }
}

/** Throws Error for what is too long, too deep, or could make a walk of walks. */
function parseBounded(text: string): Expression {
  let depth = 0;
  for (const letter of text) {
    if (letter === '(') depth++;
    else if (letter === ')') depth--;
    if (depth > deepest) throw new Error('too deep');
  }
  if (text.length > longest || text.includes('%')) throw new Error('too long, or more than a path');
  return parseExpression(text);
}
