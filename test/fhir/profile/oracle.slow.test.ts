// https://hl7.org/fhir/R4/validation.html: our verdicts beside those of HL7's reference validator, over real and mutated resources; each difference has a reason
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { parseJson } from '../../../src/fhir/model/json.ts';
import type { Finding } from '../../../src/fhir/model/outcome.ts';
import { validate } from '../../../src/fhir/profile/validate.ts';
import { hl7Examples, shared, slow } from './shared.ts';

type Part = Record<string, unknown>;
type Verdict = { valid: boolean; errors: { id: string | null; path: string; text: string }[] };

/** What only we refuse: the finding, and why it is right. */
const onlyOurs: readonly (readonly [(finding: Finding) => boolean, string])[] = [
  [
    f => f.kind === 'reference-type',
    'the reference validator, with nobody to fetch for it, does not look at where a literal reference leads',
  ],
  [f => /has no element _(id|url)\.$/.test(f.text ?? ''), 'id and Extension.url are attributes: nothing stands beside them'],
  [f => /loads an image or style from elsewhere/.test(f.text ?? ''), 'external images and styles are refused on purpose'],
  [f => /is an empty array/.test(f.text ?? ''), 'arrays are never empty (json.html); the reference validator misses some'],
  [
    f => /does not have the format of base64Binary/.test(f.text ?? ''),
    'white space in base64 is a blank, a tab or a line break (regex of base64Binary)',
  ],
  [f => /does not have the format of (instant|dateTime|date)/.test(f.text ?? ''), 'meta.lastUpdated is not looked at there'],
  [f => /lists of different length/.test(f.text ?? ''), 'values and extensions of a list stand in line (json.html#primitive)'],
];

/** What only the reference validator refuses: id of its message, and why we do not. */
const onlyTheirs: readonly (readonly [RegExp, string])[] = [
  [/^Terminology_|^TERMINOLOGY_/, 'terminology beyond required bindings: unknown codes and units'],
  [
    /CANONICAL_ABSOLUTE|Identifier_System|Extension_EXT_URL_Absolute/,
    'whether a URI is absolute: R4 asks it of few, and its own examples break it',
  ],
  [/IDENTIFIER_IETF_SYSTEM_VALUE/, 'what an identifier of urn:ietf:rfc:3986 looks like; an example of R4 breaks it'],
  [/XHTML_Resolve_Img/, 'whether an image of a narrative is there; an example of R4 breaks it'],
  [/^SM_/, 'what a StructureMap means'],
  [/#rng-2$/, 'low or high without a value, or of different units, cannot be put in order: FHIRPath says {}, which refuses nothing here'],
  [/#(per-1|inv-1)$/, 'times of different precision: FHIRPath says {}'],
  [/^Questionnaire|^QUESTIONNAIRE|^MEASURE/, 'whether an answer fits the questionnaire or measure that it names'],
];

const objects = (value: unknown): Part[] =>
  Array.isArray(value)
    ? value.flatMap(objects)
    : typeof value === 'object' && value !== null
      ? [value as Part, ...Object.values(value).flatMap(objects)]
      : [];

/** Numbers 0 … n-1, the same at every run. */
function chance(seed: number): (n: number) => number {
  let state = seed;
  return n => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >> 8) % n;
  };
}

const changes: readonly ((part: Part, key: string, pick: (n: number) => number) => void)[] = [
  () => undefined,
  part => (part['colour'] = 'red'),
  (part, key) => delete part[key],
  (part, key) => (part[key] = Array.isArray(part[key]) ? part[key][0] : [part[key]]),
  (part, key) => (part[key] = null),
  (part, key) => (part[key] = typeof part[key] === 'object' ? {} : typeof part[key] === 'string' ? 5 : 'five'),
  (part, key, pick) => (part[key] = typeof part[key] === 'string' ? ['2020-02-31', 'not a code!', 'urn:x', ' a', 'x'][pick(5)] : part[key]),
  (part, _key, pick) =>
    typeof part['reference'] === 'string' ? (part['reference'] = ['Medication/1', '#nothere', 'Patient/1', 'foo'][pick(4)]) : undefined,
  part => (typeof part['start'] === 'string' ? Object.assign(part, { start: '2021-01-02', end: '2021-01-01' }) : undefined),
  (part, key) =>
    typeof part[key] === 'string' && key !== 'div'
      ? (part[`_${key}`] = { extension: [{ url: 'http://a.example/e', valueString: 'y' }] })
      : undefined,
];

function* mutated(examples: readonly [string, string][], count: number): Generator<Part> {
  const pick = chance(11);
  for (let made = 0; made < count; made++) {
    const resource = JSON.parse(examples[pick(examples.length)]![1]) as Part;
    const parts = objects(resource);
    const part = parts[pick(parts.length)]!;
    const keys = Object.keys(part).filter(key => key !== 'resourceType');
    if (keys.length === 0) continue;
    changes[pick(changes.length)]!(part, keys[pick(keys.length)]!, pick);
    yield resource;
  }
}

slow('the HL7 reference validator as oracle', () => {
  test('every difference has its reason', () => {
    const examples = hl7Examples(
      'json',
      file => !/^(SearchParameter|ValueSet|CodeSystem|StructureDefinition|ConceptMap|Bundle)-/.test(file),
    ).filter(([, text]) => text.length < 12_000);
    const resources = [...mutated(examples, 800)];
    const run = spawnSync(path.join(shared, 'bin/validator-oracle/oracle'), {
      input: resources.map(r => JSON.stringify(r) + '\n').join(''),
      maxBuffer: 1 << 28,
    });
    if (run.status !== 0) return console.warn(`SKIPPED: the oracle does not run here: ${String(run.stderr).slice(0, 200)}`);
    const verdicts = run.stdout
      .toString()
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as Verdict);
    expect(verdicts).toHaveLength(resources.length);
    const unexplained: unknown[] = [];
    let agreed = 0;
    for (const [i, resource] of resources.entries()) {
      const ours = validate(parseJson(JSON.stringify(resource)));
      const theirs = verdicts[i]!;
      if ((ours.length === 0) === theirs.valid) agreed++;
      else if (theirs.valid && !ours.some(f => onlyOurs.some(([is]) => is(f))))
        unexplained.push(['ours', resource['resourceType'], resource['id'], ours]);
      else if (!theirs.valid && !theirs.errors.every(e => onlyTheirs.some(([is]) => is.test(e.id ?? '')))) {
        unexplained.push(['theirs', resource['resourceType'], resource['id'], theirs.errors]);
      }
    }
    expect(unexplained).toEqual([]);
    expect(agreed / resources.length).toBeGreaterThan(0.85);
  }, 900_000);
});
