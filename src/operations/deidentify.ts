/**
 * $deidentify: data of a cohort, or a count over it, in a form that may leave; or the de-identified form of a Bundle that is handed in.
 * Who may: a researcher under an open study of his; for a Bundle handed in the tester, institutions and the operator, under keys that exist for that call alone.
 * Definition: profiles/OperationDefinition-deidentify.json; R4: https://hl7.org/fhir/R4/operations.html
 * @module
 */
import type { CompiledPolicy } from '../deid/compile.ts';
import { type Access, asServer } from '../fhir/model/access.ts';
import type { Answer } from '../fhir/model/exchange.ts';
import { type Finding, Problem } from '../fhir/model/outcome.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { literal } from '../fhir/model/reference.ts';
import type { Store } from '../fhir/store/store.ts';
import { asksOf } from '../release/asks.ts';
import { cohort, type ParseSearch } from '../release/cohort.ts';
import { entryOf, recordsByPerson } from '../release/ledger.ts';
import { ofCohort } from '../release/material.ts';
import { pack } from '../release/package.ts';
import { policyNamed } from '../release/policies.ts';
import { policyUrl } from '../release/provenance.ts';
import { dayIn, series } from '../release/series.ts';
import { stillClear } from '../release/still-clear.ts';
import { openStudy } from '../release/study.ts';
import { summary } from '../release/summary.ts';
import { enough } from '../release/threshold.ts';
import { darts } from './darts.ts';
import type { FileParts } from './data-files.ts';
import { type HandedInParts, handedInBy } from './handed-in.ts';
import { createLine } from './line.ts';
import { definitionOf, type Given, type Operation } from './operation.ts';

export interface DeidentifyParts extends HandedInParts, FileParts {
  readonly store: Store;
  readonly settings: HandedInParts['settings'] & FileParts['settings'];
  /** 32 bytes or more of the master key's for one purpose (HKDF); a study's purpose is `study:<id>`. */
  readonly secret: (purpose: string) => Buffer;
  readonly parseSearch: ParseSearch;
  /** By R4 itself. */
  readonly validate: (resource: AnyResource) => readonly Finding[];
  /** What a caller's release may read: the cleared data of all institutions without the persons who object. */
  readonly researchAccess: (access: Access) => Access;
  /** Key that releases under jp-linkable share with the public data bases; absent, or undefined: there is none. */
  readonly linkKey?: () => Buffer | undefined;
  /** Throws Problem where no release may leave now; asked before anything is read, and again before the answer leaves. */
  readonly mayRelease: () => Promise<void>;
}

/** Releases under way at once, and waiting for their turn: each holds its data in memory. */
const atOnce = 2;
const mostWaiting = 16;

const place = (name: string): { expression: string } => ({ expression: `Parameters.parameter.where(name='${name}')` });

/** $deidentify, and the operations of DARTS over the same engine and in the same line: $de-identify, $anonymize. */
export function deidentifying(parts: DeidentifyParts): readonly Operation[] {
  const { store, baseUrl, settings } = parts;
  // What a cohort may ask, and who is told how much of a count, is the strictest policy's to say, whatever policy data leave under.
  const compiled = policyNamed('jp-anonymized');
  const asks = { bundle: asksOf(compiled, 'bundle'), summary: asksOf(compiled, 'summary') };
  const line = createLine(atOnce, mostWaiting);
  const handedIn = handedInBy(parts);

  function typesOf(given: Given, { types }: CompiledPolicy): ReadonlySet<string> {
    const wanted = (given.get('type') ?? []) as readonly string[];
    if (!wanted.every(type => types.has(type)))
      throw new Problem('invalid-parameter', 'The parameter type names a resource type that no release holds.', place('type'));
    return new Set(wanted.length === 0 ? types.keys() : wanted);
  }

  async function ofData(given: Given, access: Access): Promise<Answer> {
    for (const name of ['study', 'cohort', 'measure'] as const) {
      if (given.has(name)) throw new Problem('invalid-parameter', `The parameters data and ${name} do not go together.`, place(name));
    }
    if ((given.get('output')?.[0] ?? 'bundle') !== 'bundle')
      throw new Problem('invalid-parameter', 'Of data that are handed in only a bundle is made.', place('output'));
    const { bytes } = await handedIn(given.get('data')![0] as AnyResource, compiled, typesOf(given, compiled), access, place('data'));
    return { status: 200, bytes };
  }

  async function measureOf(given: Given): Promise<AnyResource> {
    const measure = given.get('measure')?.[0] as AnyResource | undefined;
    if (measure === undefined) throw new Problem('invalid-parameter', 'The parameter measure is required for a summary.', place('measure'));
    if (measure.resourceType === 'Measure') {
      // What of it stands in the report must be R4.
      const findings = parts.validate(measure);
      if (findings.length > 0) throw Problem.of(findings);
      return measure;
    }
    if (measure.resourceType !== undefined)
      throw new Problem('invalid-parameter', 'The parameter measure is a Measure or a reference to one.', place('measure'));
    const text = (measure as Json)['reference'];
    const found = typeof text === 'string' ? literal(text, baseUrl) : undefined;
    if (found?.type !== 'Measure' || found.versionId !== undefined)
      throw new Problem(
        'invalid-parameter',
        'The parameter measure is a Measure, or a reference to one and to none of its versions.',
        place('measure'),
      );
    const version = await store.read(asServer('the Measure of a summary'), 'Measure', found.id);
    if (version === undefined || version.deleted) throw new Problem('not-found', 'There is no such Measure.', place('measure'));
    return JSON.parse(version.bytes.toString()) as AnyResource;
  }

  async function run(given: Given, access: Access): Promise<Answer> {
    if (given.has('data')) return await ofData(given, access);
    if (!given.has('study')) throw new Problem('invalid-parameter', 'The parameter study is required.', place('study'));
    if (access.agent.role !== 'researcher') throw new Problem('forbidden', 'Only a researcher may ask under a study.', place('study'));
    await parts.mayRelease();
    const text = given.get('cohort')?.[0] as string | undefined;
    if (text === undefined) throw new Problem('invalid-parameter', 'The parameter cohort is required.', place('cohort'));
    const output = given.get('output')?.[0] ?? 'bundle';
    if (output !== 'bundle' && output !== 'summary')
      throw new Problem('invalid-parameter', 'The parameter output is bundle or summary.', place('output'));
    if (output === 'bundle' && given.has('measure'))
      throw new Problem('invalid-parameter', 'The parameter measure goes with a summary.', place('measure'));
    const now = parts.now();
    const { timeZone } = settings;
    const today = dayIn(now, timeZone);
    const study = await openStudy(store, access, given.get('study')![0], baseUrl, today);
    const research = parts.researchAccess(access);
    const reader = { parseSearch: parts.parseSearch, base: baseUrl, timeZone, now, today, asks: asks[output] };
    const measure = output === 'summary' ? await measureOf(given) : undefined;
    const by = measure === undefined ? policyNamed(study.policy) : compiled;
    const types = typesOf(given, by);
    const { name, version, label } = by.policy;
    const link = parts.linkKey?.();
    if (name === 'jp-linkable' && link === undefined)
      throw new Problem(
        'business-rule',
        'The data of this study are linkable, and this server has no link key (LINK_KEY_FILE).',
        place('study'),
      );
    const release = {
      time: new Date(now).toISOString(),
      study: study.id,
      client: access.agent.client,
      policy: `${policyUrl(name)}|${version}`,
      hash: by.hash,
    };
    const disclosure = { study: `ResearchStudy/${study.id}`, policy: release.policy, hash: release.hash };
    return await stillClear<Answer>(store, async () => {
      const persons = await cohort(store, research, text, reader);
      enough(persons.size);
      const records = await recordsByPerson(store, persons);
      if (measure !== undefined) {
        const resource = await summary(measure, persons, study.period, { store, access: research, reader, label, baseUrl });
        await parts.mayRelease();
        const entry = await entryOf({ ...release, kind: 'summary', persons: persons.size }, [...records.values()].flat(), parts);
        return { persons, entry, answer: { status: 200, resource, disclosures: [disclosure] } };
      }
      // Keys of each policy are its own: what leaves moved and what leaves as it is must not be joined.
      const purpose = by === compiled ? `study:${study.id}` : `study:${study.id}:${name}`;
      const of = series(by, parts.secret(purpose), { base: baseUrl, now, timeZone, ...(link === undefined ? {} : { link }) });
      const material = await ofCohort(store, research, persons, types, of, settings.maxReleaseResources);
      enough(material.individuals.length);
      const { bytes, resources, entries: _, ...evidence } = await pack(material, types, of);
      // What was stopped meanwhile is not noted down as if it had left.
      await parts.mayRelease();
      const entry = await entryOf(
        { ...release, kind: 'bundle', types: [...types].sort(), persons: material.individuals.length, resources, ...evidence },
        material.individuals.flatMap(one => [...one.names, ...(records.get(one.anchor) ?? [])]),
        parts,
      );
      const patients = material.individuals.flatMap(one => one.names);
      return { persons, entry, answer: { status: 200, bytes, patients, disclosures: [{ ...disclosure, ...evidence }] } };
    });
  }

  /** What was stopped while it was made does not leave; of data handed in nothing leaves the store. */
  const stillOpen = (given: Given) => async (answer: Answer) => {
    if (!given.has('data')) await parts.mayRelease();
    return answer;
  };

  return [
    { definition: definitionOf('deidentify'), run: (given, access) => line(() => run(given, access).then(stillOpen(given))) },
    ...darts({ ...parts, handedIn, line }),
  ];
}
