/**
 * Which kind of index a parameter type has.
 * R4: https://hl7.org/fhir/R4/search.html#ptypes
 * @module
 */
import type { ParameterType } from '../../search/values.ts';
import { CompositeIndex } from './composites.ts';
import { StringIndex, TokenIndex, UriIndex } from './dictionaries.ts';
import type { Ledger } from './ledger.ts';
import type { ParameterIndex } from './parameter.ts';
import { PositionIndex } from './positions.ts';
import { DateIndex, NumberIndex, QuantityIndex } from './ranges.ts';
import { ReferenceIndex } from './references.ts';

/** An empty index for a parameter type. */
export function parameterIndex(type: ParameterType, ledger: Ledger): ParameterIndex {
  switch (type) {
    case 'token':
      return new TokenIndex();
    case 'string':
      return new StringIndex();
    case 'date':
      return new DateIndex();
    case 'number':
      return new NumberIndex();
    case 'quantity':
      return new QuantityIndex();
    case 'reference':
      return new ReferenceIndex(ledger);
    case 'uri':
      return new UriIndex();
    case 'composite':
      return new CompositeIndex();
    case 'special':
      return new PositionIndex();
  }
}
