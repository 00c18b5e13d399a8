/**
 * Whose data an answer shows: for the audit alone, read off the stored bytes without parsing them.
 * IHE BALP: https://profiles.ihe.net/ITI/BALP/
 * @module
 */
import type { Version } from '../model/exchange.ts';

/** Stored JSON has no blanks. */
const mark = '"reference":"';
/** Relative, below any base, or of one version. */
const patient = /(?:^|\/)(Patient\/[A-Za-z0-9\-.]{1,64})(?:\/|$)/;

/** `Patient/<id>` of every Patient that the versions are or name, without repeats. */
export function patientsOf(versions: Iterable<Version>): readonly string[] {
  const found = new Set<string>();
  for (const version of versions) {
    if (version.type === 'Patient') found.add(`Patient/${version.id}`);
    // Every answer comes by here: references are looked up by their mark, which is quicker than any pattern over the whole.
    const text = version.bytes.toString('latin1');
    for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at)) {
      at += mark.length;
      const reference = text.slice(at, text.indexOf('"', at));
      const name = reference.includes('Patient/') ? patient.exec(reference)?.[1] : undefined;
      if (name !== undefined) found.add(name);
    }
  }
  return [...found];
}
