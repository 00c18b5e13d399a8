/**
 * What asserts and variables look at: a request that was sent, a response that came, or a fixture; the body as text and, where it is one, as JSON.
 * R4: https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.setup.action.operation.responseId
 * @module
 */
import { isDeepStrictEqual } from 'node:util';
import { Decimal, parseJson } from '../fhir/model/json.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import { readXml } from '../fhir/xml/read-xml.ts';
import { writeXml } from '../fhir/xml/write-xml.ts';
import { Fault } from './fault.ts';
import { isJson } from './pick.ts';

/** `Patient`, `5`, `1`: what a URL is made of. */
export interface Identity {
  readonly type: string;
  readonly id: string;
  readonly versionId?: string;
}

/** Media types of FHIR's two formats by their short names. */
export const mediaTypes: Readonly<Record<string, string>> = { json: 'application/fhir+json', xml: 'application/fhir+xml' };

export class Message {
  readonly kind: 'fixture' | 'request' | 'response';
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly status: number | undefined;
  readonly headers: Headers;
  /** JSON of the body; of an XML body what readXml makes of it; undefined: no body, or none that can be read. */
  readonly json: unknown;

  constructor(
    kind: Message['kind'],
    more: {
      readonly method?: string;
      readonly url?: string;
      readonly status?: number;
      readonly headers?: Headers;
      readonly json?: unknown;
    },
  ) {
    this.kind = kind;
    this.method = more.method;
    this.url = more.url;
    this.status = more.status;
    this.headers = more.headers ?? new Headers();
    this.json = more.json;
  }

  get resource(): AnyResource | undefined {
    return isJson(this.json) && typeof this.json['resourceType'] === 'string' ? (this.json as AnyResource) : undefined;
  }

  /** @throws Fault when the body is none that FHIRPath or a path could be evaluated on */
  get body(): unknown {
    if (this.json === undefined) throw new Fault(`The ${this.kind} has no body that can be read.`);
    return this.json;
  }

  /** Type, id and version: of the body, and after a write without one of Location and ETag. */
  get identity(): Identity | undefined {
    const location = this.headers.get('location') ?? this.headers.get('content-location');
    const parts =
      location === null
        ? null
        : /(?:^|\/)([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?\/?$/.exec(location);
    if (parts !== null) return { type: parts[1]!, id: parts[2]!, ...(parts[3] === undefined ? {} : { versionId: parts[3] }) };
    const { resource } = this;
    if (typeof resource?.id !== 'string') return undefined;
    const meta = isJson(resource.meta) ? resource.meta['versionId'] : undefined;
    const etag = /^W\/"([^"]+)"$/.exec(this.headers.get('etag') ?? '')?.[1];
    const versionId = typeof meta === 'string' ? meta : etag;
    return { type: resource.resourceType, id: resource.id, ...(versionId === undefined ? {} : { versionId }) };
  }
}

const isXml = (contentType: string): boolean => /[/+]xml\b/i.test(contentType);

/** JSON of a body in either format, or undefined: it is none. */
export function jsonOf(bytes: Buffer, contentType = ''): unknown {
  try {
    return isXml(contentType) ? readXml(bytes) : parseJson(bytes);
  } catch {
    return undefined;
  }
}

/** Empty lists are nothing, in JSON as in XML. */
function withoutEmpty(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(withoutEmpty);
  if (!isJson(json) || textOf(json) !== undefined) return json;
  const kept = Object.entries(json).filter(([, value]) => !Array.isArray(value) || value.length > 0);
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutEmpty(value)]));
}

/** Bytes of a body in the format of its type. @throws Fault when XML has no form for it, or has one for a part of it only */
export function bytesOf(json: unknown, contentType: string): Buffer {
  if (!isXml(contentType)) return Buffer.from(JSON.stringify(json));
  if (!isJson(json) || typeof json['resourceType'] !== 'string') throw new Fault('What is no resource cannot be written as XML.');
  const bytes = writeXml(json as AnyResource);
  if (!isDeepStrictEqual(readXml(bytes), withoutEmpty(json))) throw new Fault('What the body holds cannot be written as XML.');
  return bytes;
}

/** A primitive as the text that stands in JSON, decimals with all their digits; undefined: no primitive. */
export function textOf(value: unknown): string | undefined {
  if (value instanceof Decimal) return value.text;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}
