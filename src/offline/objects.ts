/**
 * Files of DICOM: each leaves as a Binary of its person would, under a pseudonym for a name, or does not leave, for a reason that is counted.
 * DICOM: https://dicom.nema.org/medical/dicom/current/output/chtml/part10/chapter_7.html
 * @module
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { type DicomResult, deidentifyDicom } from '../deid/dicom/deidentify.ts';
import { patientOf } from '../deid/dicom/patient.ts';
import { type DicomProfile, readDicomProfile } from '../deid/dicom/profile.ts';
import type { Policy } from '../deid/policy.ts';
import type { Series } from '../release/series.ts';
import type { Input } from './inputs.ts';
import { settle, writeAt } from './out.ts';
import { finder } from './patient-id.ts';
import type { Persons } from './people.ts';

/** What counts call them, beside types of resources. */
export const objectType = 'DICOM object';
/** Longest file, bytes: it is held whole, and so is what leaves of it. */
export const longestObject = 256 * 1024 * 1024;

/** The reason where a policy says nothing of them. */
export const notOfPolicy = 'is of a kind that the policy does not give out';

/** What a policy says of a Binary that is a DICOM object, it says of a file; undefined: its data do not leave. */
export function dicomOf({ elements, groups }: Policy): { readonly profile: DicomProfile; readonly measure: string } | undefined {
  if (elements['Binary']?.includes('data') !== true) return undefined;
  for (const { measure, rules } of groups) {
    const dicom = rules.find(({ paths, method }) => method === 'clean-attachment' && paths.includes('Binary'))?.options['dicom'];
    if (dicom !== undefined) return { profile: readDicomProfile(dicom), measure };
  }
  return undefined;
}

/** Treats one object; undefined: the policy gives none out. */
export function objectsBy({ compiled, keys }: Series, whom: Persons): ((bytes: Uint8Array) => DicomResult) | undefined {
  const dicom = dicomOf(compiled.policy);
  if (dicom === undefined) return undefined;
  let find: ReturnType<typeof finder> | undefined;
  return bytes => {
    const patient = patientOf(bytes);
    if ('withheld' in patient) return patient;
    const person = (find ??= finder(whom))(patient);
    if ('withheld' in person) return person;
    return deidentifyDicom(bytes, dicom.profile, { uid: keys.uid, subject: { ...person.subject, id: person.pseudonym } });
  };
}

export interface ObjectTask {
  readonly kind: 'object';
  readonly input: Input;
  /** Its name, and the one until it is whole. */
  readonly target: { readonly file: string; readonly meanwhile: string };
}

export interface ObjectDone {
  /** SHA-256 of the file, hex. */
  readonly hash: string;
  /** Why it does not leave; absent: it is written. */
  readonly withheld?: string;
}

/** @param at milliseconds: what the file says of when it was written */
export async function rewriteObject(
  { input, target }: ObjectTask,
  treat: (bytes: Uint8Array) => DicomResult,
  at: number,
): Promise<ObjectDone> {
  let bytes: Buffer;
  try {
    if (input.bytes > longestObject) return { hash: hashOf(input), withheld: `is longer than ${longestObject} bytes` };
    bytes = readFileSync(input.file);
  } catch {
    return { hash: '', withheld: 'cannot be read' };
  }
  const hash = createHash('sha256').update(bytes).digest('hex');
  const result = treat(bytes);
  if ('withheld' in result) return { hash, withheld: result.withheld };
  writeAt(target.meanwhile, Buffer.from(result.bytes.buffer, result.bytes.byteOffset, result.bytes.length), 0);
  await settle(target.meanwhile, target.file, at);
  return { hash };
}

/** SHA-256 of a file of any length, hex; '' for one that cannot be read. */
export function hashOf({ file }: Input): string {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(1 << 20);
  try {
    const fd = openSync(file, 'r');
    try {
      for (let n = readSync(fd, chunk); n > 0; n = readSync(fd, chunk)) hash.update(chunk.subarray(0, n));
    } finally {
      closeSync(fd);
    }
  } catch {
    return '';
  }
  return hash.digest('hex');
}
