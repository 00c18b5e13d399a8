/**
 * The data set as files: one for each resource type, a resource a line, in the order that the pseudonyms make.
 * http://ndjson.org, https://hl7.org/fhir/R4/nd-json.html
 * @module
 */
import { inOrder, type Packed } from './package.ts';

/** Media type of such a file. */
export const ndjson = 'application/fhir+ndjson';

/** What stands before the resource of an entry ends so; neither a type nor an id holds it. */
const opening = Buffer.from('"resource":');
const lineEnd = Buffer.from('\n');

/** Resource type → its file, in pieces. */
export function filesByType(entries: readonly Packed[]): ReadonlyMap<string, readonly Buffer[]> {
  const files = new Map<string, Buffer[]>();
  for (const { type, bytes } of inOrder(entries)) {
    const line = bytes.subarray(bytes.indexOf(opening) + opening.length, -1);
    const file = files.get(type);
    if (file === undefined) files.set(type, [line, lineEnd]);
    else file.push(line, lineEnd);
  }
  return files;
}
