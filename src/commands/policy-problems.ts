/**
 * Everything that is wrong with a policy, place by place: what one problem is about is taken out, and the rest is looked at again.
 * @module
 */
import { compilePolicy } from '../deid/compile.ts';
import { isObject } from '../deid/context.ts';
import { PolicyError, readPolicy } from '../deid/policy.ts';
import type { Json } from '../fhir/model/r4.ts';
import { standingOf } from '../release/policies.ts';

const most = 200;

/** Sentences, `policy: <place>: <what>`; none: the policy loads. @param json of a policy file, which is not changed */
export function problemsOf(json: unknown): string[] {
  const problems: string[] = [];
  let own: unknown = json;
  let left: unknown;
  while (left === undefined && problems.length < most) {
    try {
      left = standingOf(own);
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error;
      problems.push(error.message);
      const rest = isObject(own) ? standingWithout(structuredClone(own), placeOf(error), error.message) : undefined;
      if (rest === undefined) return problems;
      own = rest;
    }
  }
  while (problems.length < most) {
    try {
      compilePolicy(readPolicy(left));
      break;
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error;
      problems.push(error.message);
      const rest = isObject(left) ? without(structuredClone(left), placeOf(error), error.message) : undefined;
      if (rest === undefined) break;
      left = rest;
    }
  }
  return problems;
}

const placeOf = ({ message }: PolicyError): string => /^policy: (.+?): /.exec(message)?.[1] ?? '';

/** A policy that builds on another, without what stands at the place; undefined: it cannot be looked at without it. */
function standingWithout(policy: Json, place: string, message: string): Json | undefined {
  const [, part = '', group, type] = /^(\w+)(?:\[(\d+)\]|\.([^.]+))?/.exec(place) ?? [];
  if (part === 'extends' || !Object.hasOwn(policy, part)) return undefined;
  const whole = policy[part];
  const method = /there is no method "(.+)"$/.exec(message)?.[1];
  const key = / "(.+)" is no part of a policy$/.exec(message)?.[1];
  if (method !== undefined && Array.isArray(whole)) policy[part] = whole.filter(one => one !== method);
  else if (group !== undefined && Array.isArray(whole)) {
    if (key === undefined) whole.splice(Number(group), 1);
    else delete (whole[Number(group)] as Json)[key];
  } else if (type !== undefined && isObject(whole)) delete whole[type];
  else delete policy[part];
  return policy;
}

const objects = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const names = (rule: Json, path: string): boolean => Array.isArray(rule['paths']) && rule['paths'].includes(path);

/** The policy without what stands at the place; undefined: it cannot be looked at without it. */
function without(policy: Json, place: string, message: string): Json | undefined {
  const groups = (Array.isArray(policy['groups']) ? policy['groups'] : []) as Json[];
  const elements = (isObject(policy['elements']) ? policy['elements'] : {}) as Record<string, unknown[]>;
  const before = JSON.stringify(policy);
  const other = /"(.+)" is no part of a policy$/.exec(message)?.[1];
  const group = /^groups\[(\d+)\](?:\.rules\[(\d+)\])?/.exec(place);
  const option = /^groups\[(\d+)\]\.rules\[(\d+)\]\.(?!paths$|method$)(.+)$/.exec(place);
  const listed = /^elements\.(.+)$/.exec(place)?.[1];
  const extension = /^extensions\.(?:extension\('([^']+)'\).*|(.+))$/.exec(place);
  const age = /^ages\[(\d+)\]/.exec(place)?.[1];
  if (other !== undefined && place === 'the file') delete policy[other];
  else if (other !== undefined && place === 'label') delete (policy['label'] as Json)[other];
  else if (option !== null) {
    const [, g, r, name = ''] = option;
    const rules = groups[Number(g)]!['rules'] as Json[];
    const rule = rules[Number(r)]!;
    // A method that lacks what it must be told would only be a second problem.
    if (message.includes('" must be ')) rules[Number(r)] = { paths: rule['paths'], method: 'mask' };
    else delete rule[name];
    if (name === 'codesFrom') delete rule['codes'];
  } else if (group !== null) {
    const [, g, r] = group;
    if (other !== undefined) delete groups[Number(g)]![other];
    else if (r === undefined) groups.splice(Number(g), 1);
    else (groups[Number(g)]!['rules'] as unknown[]).splice(Number(r), 1);
  } else if (listed !== undefined) {
    const twice = /"(.+)" stands twice$/.exec(message)?.[1];
    if (twice !== undefined) elements[listed]!.splice(elements[listed]!.lastIndexOf(twice), 1);
    else delete elements[listed];
  } else if (extension !== null) delete (policy['extensions'] as Json)[extension[1] ?? extension[2]!];
  else if (age !== undefined) (policy['ages'] as unknown[]).splice(Number(age), 1);
  else if (place === 'analyser') delete policy['analyser'];
  else if (place === 'ages' || place.startsWith('ages.')) delete policy['ages'];
  else if (message.includes(' makes cannot stand there: ') && groups.some(one => objects(one['rules']).some(rule => names(rule, place)))) {
    // Another method in its place: without any, its elements would only be further problems.
    for (const one of groups)
      one['rules'] = objects(one['rules']).flatMap(rule =>
        names(rule, place)
          ? [
              { ...rule, paths: (rule['paths'] as unknown[]).filter(path => path !== place) },
              { paths: [place], method: 'mask' },
            ]
          : [rule],
      );
  } else if (message.includes('is undecided')) policy['otherwise'] = 'remove';
  else {
    // An element: out of the list, and out of every rule.
    const dot = place.indexOf('.');
    const [type, name] = [place.slice(0, dot), place.slice(dot + 1)];
    const list = elements[type];
    if (dot > 0 && Array.isArray(list)) {
      elements[type] = list.filter(one => one !== name && !String(one).startsWith(`${name}.`));
      if (elements[type].length === 0) delete elements[type];
    }
    for (const one of groups) {
      for (const rule of (Array.isArray(one['rules']) ? one['rules'] : []) as Json[])
        if (Array.isArray(rule['paths'])) rule['paths'] = (rule['paths'] as unknown[]).filter(path => path !== place);
    }
    // What is taken out is not decided any more.
    policy['otherwise'] = 'remove';
  }
  for (const one of groups)
    if (Array.isArray(one['rules']))
      one['rules'] = (one['rules'] as Json[]).filter(rule => !Array.isArray(rule['paths']) || rule['paths'].length > 0);
  policy['groups'] = groups.filter(one => !Array.isArray(one['rules']) || one['rules'].length > 0);
  return JSON.stringify(policy) === before ? undefined : policy;
}
