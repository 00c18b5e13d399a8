/**
 * Stored bytes back into a resource, decimals with every digit.
 * R4: https://hl7.org/fhir/R4/json.html
 * @module
 */
import type { Version } from '../model/exchange.ts';
import { parseJson } from '../model/json.ts';
import type { AnyResource } from '../model/r4.ts';

/** The resource of a version that is no deletion. What was taken once is not judged again, however deep it is. */
export const resourceOf = (version: Version): AnyResource =>
  parseJson(version.bytes, { maxDepth: Number.POSITIVE_INFINITY }) as AnyResource;
