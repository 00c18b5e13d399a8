/**
 * collection: a report unit as FAST-HDJ sends it: a Patient, then resources of one type. INS stores the unit in one commit, in the place of what came under the same
 * Bundle.identifier before; DEL withdraws it. What a unit made is known by a tag on it (report-unit.ts).
 * JP_Bundle_FASTHDJ (draft): http://jpfhir.jp/fhir/FASTHDJ/StructureDefinition/JP_Bundle_FASTHDJ; R4: https://hl7.org/fhir/R4/bundle.html
 * @module
 */
import { permits } from '../model/access.ts';
import type { Answer, Version } from '../model/exchange.ts';
import { Problem } from '../model/outcome.ts';
import { hospitalNumberPrefix, personKey } from '../model/person.ts';
import type { AnyResource, Json } from '../model/r4.ts';
import type { Criteria } from '../store/store.ts';
import { again } from './batch.ts';
import { bundleBytes, responseEntry } from './bundle.ts';
import { store } from './commit.ts';
import { planCreate } from './create.ts';
import { parseCriteria } from './criteria.ts';
import { deeds } from './deeds.ts';
import { planDelete } from './delete.ts';
import type { Context } from './interaction.ts';
import { patientsOf } from './patients.ts';
import type { Plan } from './plan.ts';
import { contentOf, readUnit, type Unit, unitContent, unitOf, unitSystem, unitTypes } from './report-unit.ts';
import { resourceOf } from './stored.ts';
import { untilSettled } from './tries.ts';
import { planConditionalUpdate } from './update.ts';

/** Tag of a Patient that came with a unit, and goes with the last one. */
const broughtByUnit = { system: unitSystem, code: 'patient' };
/** About the law, not about health: a Patient does not stay for them. */
const ofLaw: ReadonlySet<string> = new Set(['Communication', 'Consent']);
/** More resources of one unit than anybody has. */
const most = 1_000_000;

/** What one INS or DEL did, in the order of the answer. */
interface Done {
  readonly told: readonly { readonly method: string; readonly answer: Answer }[];
  /** What left in its course. */
  readonly gone: readonly Version[];
}

/** `POST [base]` with a Bundle of type collection: 200 with a transaction-response, or one OperationOutcome, and nothing is stored. */
export async function collection(bundle: AnyResource, context: Context): Promise<Answer> {
  const { access, baseUrl, request } = context;
  const unit = readUnit(bundle, context);
  if (
    !['c', 'u', 's'].every(letter => permits(access, letter as 'c', 'Patient')) ||
    !['c', 'd', 's'].every(l => permits(access, l as 'c', unit.type))
  )
    throw new Problem('forbidden');
  const { told, gone } = await untilSettled(() => (unit.isWithdrawn ? withdraw(unit, context) : insert(unit, context)));
  const done = deeds();
  for (const { method, answer } of told) done.add(method, answer);
  for (const version of gone) done.add('DELETE', { status: 204, version });
  const entries = told.map(({ method, answer }) => responseEntry(method, answer, baseUrl, request.headers['prefer']));
  const touched = [...told.flatMap(({ answer }) => answer.version ?? []), ...gone];
  return {
    status: 200,
    bytes: bundleBytes({ type: 'transaction-response' }, entries),
    patients: patientsOf(touched),
    entries: done.entries,
  };
}

/** What stands under the unit now, and the criteria that let the commit see that it still does. */
async function standing(unit: Unit, context: Context): Promise<{ versions: Version[]; criteria: Criteria[] }> {
  const { store: stored, access } = context;
  const versions: Version[] = [];
  const criteria: Criteria[] = [];
  for (const type of unitTypes) {
    const query = parseCriteria(type, [['_tag', `${unitSystem}|${unit.code}`]], context);
    const ids = await stored.match(access, query, most);
    criteria.push({ access, query, ids: [...ids].sort() });
    for (const id of ids) {
      const version = await stored.read(access, type, id);
      if (version && !version.deleted) versions.push(version);
    }
  }
  return { versions, criteria };
}

/** Stores nothing: lets the commit judge what was decided on. */
const watching = (criteria: Criteria): Plan => ({
  method: 'delete',
  type: criteria.query.type,
  id: '',
  status: 204,
  writes: false,
  criteria,
  place: 'Bundle',
});

async function insert(unit: Unit, context: Context): Promise<Done> {
  const { versions: before, criteria } = await standing(unit, context);
  const content = contentOf(unit);
  if (before.length > 0 && before.every(version => unitContent(resourceOf(version)) === content)) {
    const patients = await context.store.referred(context.access, patientsOf(before));
    const answers = [
      ...patients.map(version => ({ method: 'PUT', answer: again(version) })),
      ...before.map(version => ({ method: 'POST', answer: again(version) })),
    ];
    return { told: answers, gone: [] };
  }
  const patient = await planPatient(unit, context);
  const tags = [
    { system: unitSystem, code: unit.code },
    { system: `${unitSystem}-content`, code: content },
  ];
  const creates: Plan[] = [];
  for (const { resource, place } of unit.resources)
    creates.push(await planCreate(unit.type, tagged(withoutId(resource), tags), {}, context, `${place}.resource`));
  const deletes: Plan[] = [];
  for (const { type, id } of before) deletes.push(await planDelete(type, id, {}, context, 'Bundle.identifier'));
  const plans = [...deletes, patient, ...creates];
  const { versions } = await store([...plans, ...criteria.map(watching)], context, undefined, [
    ...deletes.map(() => undefined),
    unit.patient.fullUrl,
    ...unit.resources.map(one => one.fullUrl),
  ]);
  const made = versions.slice(deletes.length);
  const told = [patient, ...creates].map((plan, i) => ({
    method: i === 0 ? 'PUT' : 'POST',
    answer: { status: plan.status, version: made[i]! } satisfies Answer,
  }));
  return { told, gone: before };
}

/** The Patient with the institution's number, as the unit says it is; a new one is known to have come with a unit. */
async function planPatient({ patient, institution }: Unit, context: Context): Promise<Plan> {
  const place = `${patient.place}.resource`;
  const own = `${hospitalNumberPrefix}${institution}|`;
  const identifiers = [patient.resource['identifier'] ?? []].flat() as Json[];
  const named = identifiers.find(one => personKey(one, institution)?.startsWith(own)) ?? identifiers[0];
  if (typeof named?.['system'] !== 'string' || typeof named['value'] !== 'string')
    throw new Problem('business-rule', 'The Patient of a report unit has an identifier.', { expression: `${place}.identifier` });
  const sent = withoutId(patient.resource);
  const pairs = [['identifier', `${escaped(named['system'])}|${escaped(named['value'])}`]] as const;
  const plan = await planConditionalUpdate('Patient', pairs, sent, {}, context, place);
  const isBrought = plan.current === undefined || plan.current.deleted || hasTag(resourceOf(plan.current), broughtByUnit);
  return isBrought ? { ...plan, sent: tagged(sent, [broughtByUnit]) } : plan;
}

/** A value of a search: bars, commas, dollars and backslashes stand for themselves. */
const escaped = (text: string): string => text.replace(/[\\|,$]/g, '\\$&');

async function withdraw(unit: Unit, context: Context): Promise<Done> {
  const { versions: before, criteria } = await standing(unit, context);
  if (before.length === 0) return { told: [], gone: [] };
  const plans: Plan[] = [];
  for (const { type, id } of before) plans.push(await planDelete(type, id, {}, context, 'Bundle.identifier'));
  for (const patient of await lonely(before, context))
    plans.push(await planDelete('Patient', patient.slice('Patient/'.length), {}, context, 'Bundle.identifier'));
  const { versions } = await store([...plans, ...criteria.map(watching)], context);
  return { told: versions.map(version => ({ method: 'DELETE', answer: { status: 204, version } })), gone: [] };
}

/** Patients that came with a unit and of whom nothing is left when these go. */
async function lonely(going: readonly Version[], context: Context): Promise<readonly string[]> {
  const { store: stored, access } = context;
  const leaving = new Set(going.map(({ type, id }) => `${type}/${id}`));
  const left: string[] = [];
  for (const patient of patientsOf(going)) {
    const id = patient.slice('Patient/'.length);
    const record = await stored.read(access, 'Patient', id);
    if (!record || record.deleted || !hasTag(resourceOf(record), broughtByUnit)) continue;
    let isAlone = true;
    const set = await stored.persons(access, { ...parseCriteria('Patient', [['_id', id]], context) });
    for await (const person of stored.each(access, set)) {
      const others = (await stored.about(access, person)).filter(one => !leaving.has(`${one.type}/${one.id}`));
      if (others.some(({ type, id: other }) => !ofLaw.has(type) && !(type === 'Patient' && other === id))) isAlone = false;
    }
    if (isAlone) left.push(patient);
  }
  return left;
}

const withoutId = ({ id: _, ...resource }: AnyResource): AnyResource => resource as AnyResource;

const tagsOf = (resource: AnyResource): Json[] => [((resource.meta ?? {}) as Json)['tag'] ?? []].flat() as Json[];
const hasTag = (resource: AnyResource, tag: { system: string; code: string }): boolean =>
  tagsOf(resource).some(one => one['system'] === tag.system && one['code'] === tag.code);

/** The resource with these tags and none other of ours: nobody puts a resource into a unit by hand. */
function tagged(resource: AnyResource, tags: readonly Json[]): AnyResource {
  const kept = tagsOf(resource).filter(one => unitOf(one['system']) === undefined);
  return { ...resource, meta: { ...resource.meta, tag: [...kept, ...tags] } } as AnyResource;
}
