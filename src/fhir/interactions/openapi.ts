/**
 * What the CapabilityStatement says, once more in the words of OpenAPI, for tools that know only those.
 * OpenAPI 3.1: https://spec.openapis.org/oas/v3.1.0, R4: https://hl7.org/fhir/R4/http.html#summary
 * @module
 */
import type { CapabilityStatement, CapabilityStatementRestResource, CapabilityStatementRestResourceSearchParam } from '@medplum/fhirtypes';

interface Schema {
  readonly type?: string;
  readonly $ref?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly string[];
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: true;
  readonly description?: string;
  readonly schema: Schema;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly (Parameter | { readonly $ref: string })[];
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, object>>;
}

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
type Paths = Record<string, Partial<Record<Method, Operation>>>;

export interface OpenApi {
  readonly openapi: '3.1.0';
  readonly info: object;
  readonly servers: readonly { readonly url: string }[];
  readonly security: readonly object[];
  readonly paths: Paths;
  readonly components: object;
}

const ref = (name: string) => ({ $ref: `#/components/parameters/${name}` });

const pathParameter = (name: string, description: string): Parameter => ({
  name,
  in: 'path',
  required: true,
  description,
  schema: { type: 'string', pattern: '^[A-Za-z0-9\\-.]{1,64}$' },
});

const headerParameter = (name: string, description: string): Parameter => ({ name, in: 'header', description, schema: { type: 'string' } });

const shared: Readonly<Record<string, Parameter>> = {
  id: pathParameter('id', 'Resource.id'),
  vid: pathParameter('vid', 'Resource.meta.versionId'),
  'if-match': headerParameter('If-Match', 'The version that must be current, W/"1".'),
  'if-none-match': headerParameter('If-None-Match', 'Answered with 304 where this version is current.'),
  'if-none-exist': headerParameter('If-None-Exist', 'Criteria: nothing is created where they match.'),
  prefer: headerParameter('Prefer', 'return=minimal, representation or OperationOutcome; handling=strict or lenient.'),
};

/** The type of a search parameter as a schema: all are texts, for a prefix or a system may stand before the value. */
const searched = ({ name, type, documentation }: CapabilityStatementRestResourceSearchParam): Parameter => ({
  name: name!,
  in: 'query',
  description: [`${type}`, documentation].filter(part => part !== undefined).join('. '),
  schema: { type: 'string' },
});

/** The methods, paths and parameters of each interaction of a type. R4: https://hl7.org/fhir/R4/valueset-type-restful-interaction.html */
const byInteraction: Readonly<
  Record<string, { method: Method; path: string; parameters: readonly string[]; body?: true; summary: string }>
> = {
  read: { method: 'get', path: '/{id}', parameters: ['id', 'if-none-match'], summary: 'Read the current version of one' },
  vread: { method: 'get', path: '/{id}/_history/{vid}', parameters: ['id', 'vid'], summary: 'Read one version of one' },
  update: {
    method: 'put',
    path: '/{id}',
    parameters: ['id', 'if-match', 'prefer'],
    body: true,
    summary: 'Replace one, or create it under this id',
  },
  patch: { method: 'patch', path: '/{id}', parameters: ['id', 'if-match', 'prefer'], body: true, summary: 'Change a part of one' },
  delete: { method: 'delete', path: '/{id}', parameters: ['id', 'if-match'], summary: 'Delete one' },
  'history-instance': { method: 'get', path: '/{id}/_history', parameters: ['id'], summary: 'List the versions of one' },
  'history-type': { method: 'get', path: '/_history', parameters: [], summary: 'List the versions of all' },
  create: { method: 'post', path: '', parameters: ['if-none-exist', 'prefer'], body: true, summary: 'Create one' },
  'search-type': { method: 'get', path: '', parameters: [], summary: 'Search' },
};
const bySystemInteraction: Readonly<Record<string, { method: Method; path: string; body?: true; summary: string }>> = {
  transaction: { method: 'post', path: '/', body: true, summary: 'Bundle of type transaction or batch' },
  batch: { method: 'post', path: '/', body: true, summary: 'Bundle of type transaction or batch' },
  'search-system': { method: 'get', path: '/', summary: 'Search across types' },
  'history-system': { method: 'get', path: '/_history', summary: 'List the versions of everything' },
};

function media(formats: readonly string[], schema: string): object {
  return Object.fromEntries(
    formats.filter(one => one.includes('/')).map(one => [one, { schema: { $ref: `#/components/schemas/${schema}` } }]),
  );
}

/** Made from what the CapabilityStatement says and from nothing else. */
export function openApi(statement: CapabilityStatement): OpenApi {
  const [rest] = statement.rest ?? [];
  const formats = statement.format ?? [];
  const patches = statement.patchFormat ?? [];
  const paths: Paths = {};
  const answers = (status: string, schema: string) => ({
    [status]: { description: 'Done', content: media(formats, schema) },
    default: { description: 'Refused, with a reason', content: media(formats, 'OperationOutcome') },
  });
  const body = (method: Method, schema: string) => ({
    requestBody: { required: true, content: media(method === 'patch' ? patches : formats, schema) },
  });
  const put = (path: string, method: Method, operation: Operation): void => {
    (paths[path] ??= {})[method] ??= operation;
  };

  for (const resource of rest?.resource ?? []) ofType(resource);
  for (const { code } of rest?.interaction ?? []) {
    const known = bySystemInteraction[code!];
    if (!known) continue;
    put(known.path, known.method, {
      operationId: code!,
      summary: known.summary,
      tags: ['system'],
      ...(known.body ? body(known.method, 'Bundle') : {}),
      responses: answers('200', 'Bundle'),
    });
  }
  for (const { name } of rest?.operation ?? []) asked(`/$${name}`, name!, 'system');
  put('/metadata', 'get', {
    operationId: 'capabilities',
    summary: 'What this server does',
    tags: ['system'],
    responses: answers('200', 'Resource'),
  });

  return {
    openapi: '3.1.0',
    info: {
      title: statement.software?.name ?? 'FHIR',
      version: statement.software?.version ?? statement.date,
      description: statement.implementation?.description,
    },
    servers: [{ url: statement.implementation?.url ?? '' }],
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: rest?.security?.description } },
      parameters: shared,
      schemas: {
        Resource: { type: 'object', required: ['resourceType'], properties: { resourceType: { type: 'string' } } },
        Bundle: { $ref: 'https://hl7.org/fhir/R4/fhir.schema.json#/definitions/Bundle' },
        OperationOutcome: { $ref: 'https://hl7.org/fhir/R4/fhir.schema.json#/definitions/OperationOutcome' },
      },
    },
  };

  function ofType({ type, interaction = [], searchParam = [], operation = [] }: CapabilityStatementRestResource): void {
    const listed = (code: string) => code === 'search-type' || code === 'history-type' || code === 'history-instance';
    for (const { code } of interaction) {
      const known = byInteraction[code!];
      if (!known) continue;
      const parameters = [...known.parameters.map(ref), ...(code === 'search-type' ? searchParam.map(searched) : [])];
      put(`/${type!}${known.path}`, known.method, {
        operationId: `${code}-${type}`,
        summary: `${known.summary} (${type})`,
        tags: [type!],
        ...(parameters.length > 0 ? { parameters } : {}),
        ...(known.body ? body(known.method, 'Resource') : {}),
        responses: answers(code === 'create' ? '201' : code === 'delete' ? '204' : '200', listed(code!) ? 'Bundle' : 'Resource'),
      });
    }
    for (const { name } of operation) asked(`/${type!}/$${name}`, name!, type!);
  }

  function asked(path: string, name: string, tag: string): void {
    put(path, 'post', {
      operationId: `${name}-${tag}`,
      summary: `Operation $${name}`,
      tags: [tag],
      ...body('post', 'Resource'),
      responses: answers('200', 'Resource'),
    });
  }
}
