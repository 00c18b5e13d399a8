/** Whether two resources say the same: the text of their JSON with properties in one order, so that digits count and the order of properties does not. */
import { Decimal } from '../../../src/fhir/model/json.ts';

const sorted = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || value instanceof Decimal) return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
};

export const textOf = (resource: unknown): string => JSON.stringify(sorted(resource));
