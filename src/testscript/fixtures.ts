/**
 * Fixtures: a resource in the script itself, contained (`#id`), beside it in its Bundle, in a file of its directory, or at the server under test;
 * or made here, where the script asks for any valid resource of a type.
 * R4: https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.fixture
 * @module
 */
import type { Json } from '../fhir/model/r4.ts';
import { type ExtensionUrls, single } from './extensions.ts';
import { Fault, said } from './fault.ts';
import { readNamed } from './files.ts';
import { generated } from './generated.ts';
import { Message } from './message.ts';
import { isJson, Pick } from './pick.ts';
import type { Fixture } from './script.ts';
import { parseFile, type Source } from './source.ts';

export interface Surroundings {
  readonly source: Source;
  readonly contained: readonly Json[];
  /** Real directories in which scripts may name files. */
  readonly roots: readonly string[];
  readonly urls: ExtensionUrls;
  /** Reads an absolute URL. @throws Fault when it is not the server's under test */
  readonly fetch: (url: string) => Promise<unknown>;
}

/** What a reference of the script leads to. @throws Fault */
export async function referred(reference: string, { source, contained, roots, fetch }: Surroundings): Promise<unknown> {
  if (reference.startsWith('#')) {
    const found = contained.find(c => c['id'] === reference.slice(1));
    if (found === undefined) throw new Fault(`The script contains no resource ${reference}.`);
    return found;
  }
  const beside = source.bundle.get(reference);
  if (beside !== undefined) return beside;
  if (/^https?:/i.test(reference)) return fetch(reference);
  // `Patient/example` is a file of that name, with the ending of a format.
  const bare = /^[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/.test(reference) && !/\.(?:json|xml)$/i.test(reference);
  for (const name of bare ? [`${reference}.json`, `${reference}.xml`] : []) {
    try {
      const { bytes, file } = readNamed(name, source.file, roots);
      return parseFile(bytes, file);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
    }
  }
  const { bytes, file } = readNamed(reference, source.file, roots);
  return parseFile(bytes, file);
}

/** @throws Fault naming the fixture that there is not */
export async function loadFixture(fixture: Fixture, around: Surroundings): Promise<Message> {
  try {
    const { resource } = fixture;
    if (resource === undefined) throw new Fault('it names no resource.');
    const type = single(new Pick(resource, 'resource'), around.urls.generated);
    if (type !== undefined) return new Message('fixture', { json: generated(type) });
    if (typeof resource['resourceType'] === 'string') return new Message('fixture', { json: resource });
    const { reference } = resource;
    if (typeof reference !== 'string') throw new Fault('it is neither a resource nor a reference to one.');
    const json = await referred(reference, around);
    // A JSON Patch is a list.
    if (!isJson(json) && !Array.isArray(json)) throw new Fault('what it leads to is no resource.');
    return new Message('fixture', { json });
  } catch (error) {
    throw new Fault(`Fixture ${fixture.id}: ${said(error)}`);
  }
}
