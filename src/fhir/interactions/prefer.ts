/**
 * The Prefer header: what the client wants back, and how strict the server shall be.
 * R4: https://hl7.org/fhir/R4/http.html#ops, https://hl7.org/fhir/R4/search.html#errors
 * @module
 */
export interface Preferences {
  readonly return?: 'minimal' | 'representation' | 'OperationOutcome';
  readonly handling?: 'strict' | 'lenient';
  /** The answer may come later. RFC 7240 §4.1 */
  readonly respondAsync?: true;
}

/** What is unknown in the header is left out: a preference is no demand. */
export function preferences(header: string | undefined): Preferences {
  const told: { return?: NonNullable<Preferences['return']>; handling?: NonNullable<Preferences['handling']>; respondAsync?: true } = {};
  for (const part of (header ?? '').split(/[,;]/)) {
    const [name, value] = part.split('=').map(text => text.trim().replace(/^"|"$/g, ''));
    if (name?.toLowerCase() === 'respond-async' && value === undefined) told.respondAsync = true;
    if (name === 'return' && (value === 'minimal' || value === 'representation' || value === 'OperationOutcome')) told.return ??= value;
    if (name === 'handling' && (value === 'strict' || value === 'lenient')) told.handling ??= value;
  }
  return told;
}
