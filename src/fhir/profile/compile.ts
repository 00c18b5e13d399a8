/**
 * Writes a validator in plain JavaScript for each R4 type, when it is first asked for: one pass over an object's keys, no path built unless something is wrong.
 * The code is made from the table of R4 alone (r4.ndjson), never from anything a client sent.
 * R4: https://hl7.org/fhir/R4/validation.html
 * @module
 */
import { codeTest, conceptTest } from './bindings.ts';
import { isPrimitive } from './elements.ts';
import { isObject } from './findings.ts';
import { bundle, checkContained } from './invariants/bundle.ts';
import { clinical } from './invariants/clinical.ts';
import { conformance } from './invariants/conformance.ts';
import { datatypes } from './invariants/datatypes.ts';
import { definitions } from './invariants/definitions.ts';
import type { Rule, Rules } from './invariants/rule.ts';
import { narrativeFault } from './narrative.ts';
import { type Check, checkBeside, checkBesideList, checkInner, checkList, type Primitive, refused } from './parts.ts';
import { primitives } from './primitives.ts';
import { checkTarget } from './references.ts';
import { type ElementRow, type RuleRow, type TypeCode, type TypeRow, typeRow } from './table.ts';

const rules: Rules = { ...datatypes, ...clinical, ...bundle, ...conformance, ...definitions };

/** The function of an invariant; a table that names one without a function is a defect, found when its type is compiled. */
export function ruleOf({ key }: RuleRow, path: string): Rule {
  const rule = rules[`${path} ${key}`] ?? rules[key];
  if (rule === undefined) throw new Error(`no function for the invariant ${key} of ${path}`);
  return rule;
}

/** Rules of a single primitive, which have no element to look into. */
const primitiveRules: Readonly<Record<string, (value: unknown) => boolean>> = {
  'eld-3': value => value === '*' || (typeof value === 'string' && /^\d+$/.test(value)),
};

/** A place where a validator comes to stand; until then one that makes it. */
interface Slot {
  check: Check;
}

const slots = new Map<string, Slot>();

function slotOf(path: string): Slot {
  let slot = slots.get(path);
  if (slot === undefined) {
    const made: Slot = {
      check(element, context) {
        made.check = compile(typeRow(path)!);
        made.check(element, context);
      },
    };
    slot = made;
    slots.set(path, slot);
  }
  return slot;
}

const resources = new Map<string, Check | undefined>();

/** The validator of a resource type, or undefined: R4 has no such type. */
export function checkOf(type: string): Check | undefined {
  if (!resources.has(type)) {
    if (!/^[A-Z][A-Za-z]{1,63}$/.test(type)) return undefined;
    const row = typeRow(type);
    if (row?.kind !== 'resource' || row.abstract === true) return undefined;
    const slot = slotOf(type);
    resources.set(type, (element, context) => slot.check(element, context));
  }
  return resources.get(type);
}

/** The validator of any type or group, abstract ones too, as it stands inside a resource; undefined: R4 has no such type. */
export const checkOfPath = (path: string): Check | undefined =>
  typeRow(path) === undefined ? undefined : (element, context) => slotOf(path).check(element, context);

const text = JSON.stringify;
const ruleText = (row: RuleRow): string => text(`${row.key}: ${row.text}`);

/** Values that the written code names: `$0`, `$1` … */
class Constants {
  readonly values: unknown[] = [];
  readonly name = (value: unknown): string => {
    const at = this.values.indexOf(value);
    return `$${at < 0 ? this.values.push(value) - 1 : at}`;
  };
}

/** Code for one JSON property of a type. `seen` is what marks the element as there. */
function property(row: TypeRow, element: ElementRow, type: TypeCode, seen: string, { name }: Constants): string {
  const isChoice = element.name.endsWith('[x]');
  const place = isChoice ? element.name.slice(0, -3) : element.name;
  const key = isChoice ? place + type.code[0]!.toUpperCase() + type.code.slice(1) : place;
  const path = `${row.path}.${element.name}`;
  const mark = seen.replaceAll('KEY', text(key));
  if (isPrimitive(type.code)) return primitive(row, element, type, { key, place, path, mark }, name);

  const inner: string[] = [];
  if (type.code === 'Resource') inner.push(`${name(checkInner)}(x,${element.name === 'contained'},${name(checkOf)},c);`);
  else inner.push(`${name(slotOf(type.code))}.check(x,c);`);
  if (type.code === 'Reference') {
    inner.push(`${name(checkTarget)}(x,${type.targets === undefined ? 'undefined' : name(new Set(type.targets))},${text(path)},c);`);
  }
  if (type.code === 'Extension' && row.path !== 'Extension') {
    inner.push(`if(typeof x.url==='string'&&!x.url.includes(':'))c.add('invalid-value','Extension.url is an absolute URL.','url');`);
  }
  const isBound = element.valueSet === undefined ? undefined : conceptTest(element.valueSet);
  if (isBound !== undefined && ['CodeableConcept', 'Coding', 'Quantity'].includes(type.code)) {
    inner.push(`if(c.count===n&&!${name(isBound)}(x))c.add('code-invalid',${text(`${path} has no code of its required value set.`)});`);
  }
  if (type.simple === true)
    inner.push(`if(!${name(rules['sqty-1'])}(x,c))c.add('invariant',${text(`sqty-1: ${path} has no comparator.`)});`);
  for (const rule of element.rules ?? [])
    inner.push(`if(c.count===n&&!${name(ruleOf(rule, path))}(x,c))c.add('invariant',${ruleText(rule)});`);
  const one = `n=c.count;${inner.join('')}`;
  const object = name(isObject);
  if (element.array !== true) {
    return `case ${text(key)}:${mark}x=v;if(${object}(x)){${one}if(c.count!==n)c.at(n,${text(place)});}else c.shape(${text(path)},v,'object',${text(place)});break;`;
  }
  return (
    `case ${text(key)}:${mark}if(${name(Array.isArray)}(v)&&v.length>0){for(i=0;i<v.length;i++){x=v[i];` +
    `if(${object}(x)){${one}if(c.count!==n)c.at(n,${text(place)}+'['+i+']');}else c.shape(${text(path)},x,'object',${text(place)}+'['+i+']');}}` +
    `else c.shape(${text(path)},v,'list',${text(place)});break;`
  );
}

function primitive(
  row: TypeRow,
  element: ElementRow,
  type: TypeCode,
  { key, place, path, mark }: { key: string; place: string; path: string; mark: string },
  name: Constants['name'],
): string {
  const test = primitives[type.code]!;
  const isBound =
    type.code === 'xhtml'
      ? (div: string) => narrativeFault(div) === undefined
      : element.valueSet === undefined
        ? undefined
        : codeTest(element.valueSet);
  const is: Primitive = {
    path,
    place,
    type: type.code,
    test,
    ...(isBound === undefined ? {} : { isBound }),
    element: (beside, context) => slotOf('Element').check(beside, context),
  };
  const good = `${name(test)}(v)${isBound === undefined ? '' : `&&${name(isBound)}(v)`}`;
  const ruled = (element.rules ?? [])
    .filter(rule => primitiveRules[rule.key] !== undefined)
    .map(rule => `else if(!${name(primitiveRules[rule.key])}(v))c.add('invariant',${ruleText(rule)},${text(place)});`)
    .join('');
  // id and url are attributes, div is XHTML: nothing can stand beside them.
  const isBare = key === 'id' || (row.path === 'Extension' && key === 'url') || type.code === 'xhtml';
  const beside = text(`_${key}`);
  if (element.array === true) {
    return (
      `case ${text(key)}:${mark}${name(checkList)}(v,o[${beside}],${name(is)},c);break;` +
      `case ${beside}:${mark}${name(checkBesideList)}(v,o[${text(key)}],${name(is)},c);break;`
    );
  }
  return (
    `case ${text(key)}:${mark}if(!(${good}))${name(refused)}(v,${name(is)},${text(place)},c);${ruled}break;` +
    (isBare ? '' : `case ${beside}:${mark}${name(checkBeside)}(v,o[${text(key)}],${name(is)},c);break;`)
  );
}

/** Writes and makes the validator of one type or group. */
function compile(row: TypeRow): Check {
  const constants = new Constants();
  const { name } = constants;
  const cases: string[] = [];
  const choices: string[] = [];
  const after: string[] = [];
  let bits = 0;
  for (const element of row.elements) {
    const path = `${row.path}.${element.name}`;
    let seen = '';
    if (element.name.endsWith('[x]')) {
      const choice = `h${choices.length}`;
      choices.push(choice);
      seen = `if(${choice}!==''&&${choice}!==KEY)c.add('invalid-structure',${text(`${path} is there in more than one type.`)},${text(element.name.slice(0, -3))});${choice}=KEY;`;
      if (element.required) after.push(`if(${choice}==='')c.missing(${text(path)});`);
    } else if (element.required) {
      seen = `b|=${1 << bits};`;
      after.push(`if((b&${1 << bits})===0)c.missing(${text(path)});`);
      bits++;
    }
    for (const type of element.types) cases.push(property(row, element, type, seen, constants));
  }
  if (row.kind === 'resource') {
    cases.push(`case 'resourceType':break;`);
    if (row.elements.some(e => e.name === 'contained')) {
      after.push(`if(o.contained!==undefined&&c.container===o&&c.count===m)${name(checkContained)}(o,c);`);
    }
  } else {
    cases[0] = cases[0]!.replace('case "id":', 'case "id":e--;');
    after.push(
      `if(e===0)c.add(o.id===undefined?'invalid-structure':'invariant',o.id===undefined?${text(`${row.path} is an empty object.`)}:'ele-1: All FHIR elements must have a value or children.');`,
    );
  }
  if (row.path === 'Extension') {
    after.push(
      `if(e>0&&(o.extension!==undefined)===(h0!==''))c.add('invariant','ext-1: Must have either extensions or value[x], not both.');`,
    );
  }
  // Rules are for elements that are what they should be: a missing part would only be named twice.
  if (row.rules !== undefined) after.push(`const q=c.count===m;`);
  for (const rule of row.rules ?? []) after.push(`if(q&&!${name(ruleOf(rule, row.path))}(o,c))c.add('invariant',${ruleText(rule)});`);
  const body =
    `let n=0,i=0,b=0,e=0,x;const m=c.count;${choices.map(h => `let ${h}='';`).join('')}` +
    // What is undefined will not be in the JSON.
    `for(const k in o){const v=o[k];if(v===undefined)continue;e++;switch(k){${cases.join('')}default:c.unknown(${text(row.path)},k);}}` +
    after.join('');
  const parameters = constants.values.map((_, i) => `$${i}`);
  return new Function(...parameters, `return function(o,c){${body}}`)(...constants.values) as Check;
}
