/**
 * From decided writes to stored versions: references settled, every resource judged, the gate asked, all stored in one commit or nothing.
 * R4: https://hl7.org/fhir/R4/http.html#transaction
 * @module
 */
import { setImmediate } from 'node:timers/promises';
import { askedFor } from '../model/access.ts';
import type { Answer, Version } from '../model/exchange.ts';
import { type Finding, Problem } from '../model/outcome.ts';
import type { AnyResource } from '../model/r4.ts';
import { asOne } from '../profile/budget.ts';
import type { Proposal } from '../store/gate.ts';
import type { Committed, Receipt, Write } from '../store/store.ts';
import { type Placed, settleReferences } from './bundle-references.ts';
import { dangling } from './integrity.ts';
import type { Context } from './interaction.ts';
import { patientsOf } from './patients.ts';
import type { Plan } from './plan.ts';
import { resourceOf } from './stored.ts';
import { Overtaken } from './tries.ts';

/** Resources judged without letting others have their turn. */
const atATime = 250;

/**
 * Stores the plans; versions come back in the order of those that write. Throws Problem, and Stale or Overtaken where it must be decided anew.
 * @param receipt a second commit under it stores nothing
 */
export async function store(
  plans: readonly Plan[],
  context: Context,
  receipt?: Receipt,
  fullUrls: readonly (string | undefined)[] = [],
): Promise<Committed> {
  const writing = plans.filter(plan => plan.writes);
  if (writing.length === 0) return { versions: [], repeated: false };
  const placed = plans.map((plan, i): Placed => ({ plan, ...(fullUrls[i] === undefined ? {} : { fullUrl: fullUrls[i] }) }));
  // A reference may lead to what can be looked for, not to what can only be changed.
  const referring = { ...context, access: askedFor(context.access, 'c', '') };
  const { resources, criteria } = await settleReferences(placed, referring);
  const final = await asOne(resources.size, () => judge(resources, context));
  if (context.settings.referentialIntegrity) refuse(await dangling(final, writing, referring));
  const { lists, checks, erase, legal } = await context.gate(
    context.access,
    await Promise.all(writing.map(plan => proposal(plan, final.get(plan), context))),
  );
  const sender = context.access.agent.sender;
  const writes = writing.map((plan): Write => {
    const resource = final.get(plan);
    const within = plan.method === 'delete' ? undefined : context.access.within?.[plan.type]?.[plan.method === 'create' ? 'c' : 'u'];
    return {
      type: plan.type,
      id: plan.id,
      ...(resource ? { resource } : {}),
      ...(within ? { within } : {}),
      expect: plan.current?.versionId ?? 'absent',
      sender,
      ...(legal === undefined ? {} : { legal: legal.has(`${plan.type}/${plan.id}`) }),
    };
  });
  const decided = [...plans.flatMap(plan => plan.criteria ?? []), ...criteria];
  try {
    const committed = await context.store.commit({
      writes,
      lists,
      checks,
      criteria: decided,
      ...(erase === undefined ? {} : { erase }),
      ...(receipt === undefined ? {} : { receipt }),
    });
    if (writes.some(({ type }) => type === 'StructureDefinition')) context.profiles?.changed();
    return committed;
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.kind === 'precondition-failed') await overtaken(writing, context);
    throw thrown;
  }
}

/** The resources as they will be stored; throws what the validation finds, of all of them. */
async function judge(resources: ReadonlyMap<Plan, AnyResource>, { validate, profiles }: Context): Promise<ReadonlyMap<Plan, AnyResource>> {
  const definitions = [...resources.values()].filter(one => one.resourceType === 'StructureDefinition');
  const findings: Finding[] = [];
  const final = new Map<Plan, AnyResource>();
  let judged = 0;
  for (const [plan, settled] of resources) {
    const { resourceType, meta } = settled;
    // These come first; copied once, since what was sent may have very many elements that are none.
    const first = { resourceType, id: plan.id, ...(meta === undefined ? {} : { meta }) };
    const resource: AnyResource = { ...first, ...settled, id: plan.id };
    let found = validate(resource);
    if (found.length === 0 && profiles?.concerns(resource)) {
      const said = [...(await profiles.check(resource)), ...(await profiles.checkDefinition(resource, definitions))];
      found = said.filter(({ severity }) => severity === undefined);
    }
    if (found.length > 0) findings.push(...Problem.of(found).at(plan.place).findings);
    else final.set(plan, withoutVersion(resource));
    if (++judged % atATime === 0) await setImmediate();
  }
  refuse(findings);
  return final;
}

/** Version and time are the server's to say. */
function withoutVersion(resource: AnyResource): AnyResource {
  if (resource.meta?.['versionId'] === undefined && resource.meta?.['lastUpdated'] === undefined) return resource;
  const { versionId: _, lastUpdated: __, ...meta } = resource.meta;
  return { ...resource, meta };
}

function refuse(findings: readonly Finding[]): void {
  if (findings.length > 0) throw Problem.of(findings);
}

/** What comes back from a deletion, or was never there, is created. */
async function proposal(plan: Plan, resource: AnyResource | undefined, { store: stored, access }: Context): Promise<Proposal> {
  const { type, id, current } = plan;
  const isThere = current !== undefined && !current.deleted;
  const currentSender = current === undefined ? undefined : await stored.sender(access, type, id);
  return {
    method: plan.method === 'delete' ? 'delete' : isThere ? 'update' : 'create',
    type,
    id,
    ...(resource ? { resource } : {}),
    ...(isThere ? { current: resourceOf(current) } : {}),
    ...(currentSender === undefined ? {} : { currentSender }),
    expression: plan.place,
  };
}

/** The store met another version than we did: decide anew, unless it is one that this Access will never see. */
async function overtaken(writing: readonly Plan[], { store: stored, access }: Context): Promise<never> {
  for (const plan of writing) {
    const known = plan.method === 'create' || plan.current !== undefined || (await stored.read(access, plan.type, plan.id));
    if (!known) continue;
    throw new Overtaken();
  }
  throw new Problem('not-found');
}

/** The answer to a single write. */
export function answerTo(plan: Plan, { versions }: Committed): Answer {
  const version = versions[0] ?? plan.current;
  const shown = [version, plan.current].filter((one): one is Version => one !== undefined);
  return { status: plan.status, ...(version ? { version } : {}), patients: patientsOf(shown) };
}
