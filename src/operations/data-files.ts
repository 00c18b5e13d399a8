/**
 * Files of NDJSON by URL, on the way in and on the way out: a list of them is a Parameters of DARTS, what stands in them is one data set.
 * How a file is fetched, and where one is offered, is the wire's to know. A refusal says in which file and line, and nothing of what stands there.
 * DARTS 1.0.0-ballot: StructureDefinition/darts-operation-data-urls-parameter; R4: https://hl7.org/fhir/R4/nd-json.html
 * @module
 */
import type { OperationDefinition } from '@medplum/fhirtypes';
import type { Access } from '../fhir/model/access.ts';
import { parseJson } from '../fhir/model/json.ts';
import { Problem } from '../fhir/model/outcome.ts';
import { type AnyResource, isResourceType, type Json } from '../fhir/model/r4.ts';
import { Turn } from '../release/turn.ts';
import { type Given, parametersIn } from './operation.ts';

/** The bytes of a file, as they come. @param place FHIRPath of what names it @throws Problem `unprocessable`, `too-costly` */
export type FetchFile = (url: string, place: string) => AsyncIterable<Buffer>;

/** From where files may be fetched. */
export interface Sources {
  /** Whether there are any. */
  readonly some: boolean;
  /** Whether a file of this URL may be fetched. */
  readonly allow: (url: string) => boolean;
  /** For one call: bytes and time of all its files together have their limits. */
  readonly begin: () => FetchFile;
}

/** A file that was offered. */
export interface Offered {
  readonly type: string;
  readonly url: string;
}

/**
 * Puts files up for the client that asked.
 * @param files resource type → pieces of the file
 * @param by who may fetch them, and as long as what right is given; where the log of objections stood (Store.moment) when nobody in them objected
 * @returns them, and until when they are there (milliseconds) @throws Problem `too-costly` where there is no room for all of them
 */
export type OfferFiles = (
  files: ReadonlyMap<string, readonly Buffer[]>,
  by: { readonly access: Access; readonly operation: string; readonly moment: number },
) => Promise<{ readonly offered: readonly Offered[]; readonly until: number }>;

export interface FileParts {
  readonly sources: Sources;
  readonly offerFiles: OfferFiles;
  readonly settings: {
    /** Resources of one data set. */
    readonly maxReleaseResources: number;
    /** Nesting of one resource. */
    readonly maxDepth: number;
  };
}

/** Files of one call. */
const mostFiles = 200;
const format = 'fhir+ndjson';

/** What a list of files holds, in the words of an OperationDefinition. */
const list: Pick<OperationDefinition, 'parameter'> = {
  parameter: [
    { name: 'format', use: 'in', min: 1, max: '1', type: 'code' },
    {
      name: 'data',
      use: 'in',
      min: 0,
      max: '*',
      part: [
        { name: 'resourceType', use: 'in', min: 1, max: '1', type: 'code' },
        { name: 'resourceUrl', use: 'in', min: 1, max: '1', type: 'url' },
      ],
    },
  ],
};

interface DataFile {
  readonly type: string;
  readonly url: string;
  /** FHIRPath. */
  readonly place: string;
}

/** @param place FHIRPath of the list @throws Problem `invalid-parameter`, `too-costly` */
function filesIn(given: AnyResource, place: string, { some, allow }: Sources): readonly DataFile[] {
  if (!some)
    throw new Problem('invalid-parameter', 'This server fetches no files (FILE_SOURCES): hand the data in as identifiableData.', {
      expression: place,
    });
  let parameters: Given;
  try {
    parameters = parametersIn(list as OperationDefinition, given);
  } catch (thrown) {
    throw thrown instanceof Problem ? thrown.at(place) : thrown;
  }
  if (parameters.get('format')![0] !== format)
    throw new Problem('invalid-parameter', `The format of the files is ${format}.`, {
      expression: `${place}.parameter.where(name='format')`,
    });
  const files = ((parameters.get('data') ?? []) as Given[]).map((data, i) => ({
    type: data.get('resourceType')![0] as string,
    url: data.get('resourceUrl')![0] as string,
    place: `${place}.parameter.where(name='data')[${i}]`,
  }));
  if (files.length > mostFiles) throw new Problem('too-costly', `One call takes ${mostFiles} files at most.`, { expression: place });
  for (const file of files) {
    const wrong = (text: string) => new Problem('invalid-parameter', text, { expression: file.place });
    if (!isResourceType(file.type)) throw wrong('The resourceType of this file is no type of FHIR R4.');
    if (!allow(file.url)) throw wrong('The resourceUrl of this file is not in its normal form, or not below an address of FILE_SOURCES.');
  }
  return files;
}

/**
 * All that stands in the files as one Bundle; nothing is fetched before the whole list may be.
 * @param place FHIRPath of the list @throws Problem `invalid-parameter`, `too-costly`, `unprocessable`
 */
export async function bundleOfFiles(given: AnyResource, place: string, { sources, settings }: FileParts): Promise<AnyResource> {
  const files = filesIn(given, place, sources);
  const fetch = sources.begin();
  const turn = new Turn();
  const entry: { readonly resource: AnyResource }[] = [];
  for (const file of files) {
    for await (const { number, bytes } of linesOf(fetch(file.url, file.place))) {
      await turn.pause();
      if (entry.length >= settings.maxReleaseResources)
        throw new Problem('too-costly', `The files hold more than ${settings.maxReleaseResources} resources.`, { expression: file.place });
      const resource = resourceIn(bytes, settings.maxDepth);
      if (resource?.resourceType !== file.type)
        throw new Problem(
          'invalid-parameter',
          `Line ${number} of this file is ${resource === undefined ? 'no resource in JSON' : `no ${file.type}`}.`,
          { expression: file.place },
        );
      entry.push({ resource });
    }
  }
  return { resourceType: 'Bundle', type: 'collection', entry };
}

/** Why a line is none may say what stands in it, and is not told. */
function resourceIn(line: Buffer, maxDepth: number): AnyResource | undefined {
  let value: unknown;
  try {
    value = parseJson(line, { maxDepth });
  } catch (thrown) {
    if (thrown instanceof Problem) return undefined;
    throw thrown;
  }
  return typeof (value as Json | null)?.['resourceType'] === 'string' ? (value as AnyResource) : undefined;
}

/** Lines with something in them, counted from 1. However a line is cut into pieces, it is joined once. */
async function* linesOf(pieces: AsyncIterable<Buffer>): AsyncIterable<{ readonly number: number; readonly bytes: Buffer }> {
  let number = 0;
  let begun: Buffer[] = [];
  const line = (last: Buffer) => {
    const bytes = begun.length === 0 ? last : Buffer.concat([...begun, last]);
    begun = [];
    return { number: ++number, bytes };
  };
  for await (const piece of pieces) {
    let start = 0;
    for (let end = piece.indexOf(0x0a); end >= 0; end = piece.indexOf(0x0a, start)) {
      const whole = line(piece.subarray(start, end));
      if (!isBlank(whole.bytes)) yield whole;
      start = end + 1;
    }
    if (start < piece.length) begun.push(piece.subarray(start));
  }
  const last = line(Buffer.alloc(0));
  if (!isBlank(last.bytes)) yield last;
}

const isBlank = (bytes: Buffer): boolean => bytes.every(byte => byte === 0x20 || byte === 0x09 || byte === 0x0d);

/** A list of files that were offered. */
export const listOf = (offered: readonly Offered[]): AnyResource => ({
  resourceType: 'Parameters',
  meta: { profile: ['http://hl7.org/fhir/us/darts/StructureDefinition/darts-operation-data-urls-parameter'] },
  parameter: [
    { name: 'format', valueCode: format },
    ...offered.map(({ type, url }) => ({
      name: 'data',
      part: [
        { name: 'resourceType', valueCode: type },
        { name: 'resourceUrl', valueUrl: url },
      ],
    })),
  ],
});
