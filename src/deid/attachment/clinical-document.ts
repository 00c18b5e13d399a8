/**
 * CDA and what is built like it → what of its structure is known to hold nobody's name: sections with their codes, texts and times, and entries with codes, quantities and
 * times. Header, participants, ids, names, addresses, numbers of telephones, templates, and each element or attribute not listed here go.
 * The output is no valid CDA (whose it is, is gone), but every reader of its sections can read it.
 * HL7 CDA R2: https://www.hl7.org/implement/standards/product_brief.cfm?product_id=7
 * @module
 */
import type { SaxesTagNS } from 'saxes';
import { type Dated, shifted } from '../dicom/dates.ts';
import { unitTest } from '../units.ts';
import { Blocks, type Clean } from './blocks.ts';
import { escaped, parse, refuse } from './markup.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));
const v3 = 'urn:hl7-org:v3';
const schema = 'http://www.w3.org/2001/XMLSchema-instance';

const structure = words(
  'ClinicalDocument component structuredBody section entry entryRelationship observation act procedure organizer substanceAdministration supply encounter ' +
    'code translation value statusCode effectiveTime low high center width period interpretationCode methodCode targetSiteCode routeCode approachSiteCode ' +
    'doseQuantity rateQuantity quantity repeatNumber priorityCode referenceRange observationRange consumable manufacturedProduct manufacturedMaterial ' +
    'confidentialityCode languageCode realmCode numerator denominator',
);
/** Of which the value, or the limits, are times: always, or by their type. */
const times = words('TS IVL_TS');
const limits = words('low high center');
/** Within a section's text. */
const table = words('table thead tbody tfoot tr th td caption list item paragraph');
const formatting = words('content sub sup linkHtml footnote');

const forms: Readonly<Record<string, RegExp>> = {
  '2.16.840.1.113883.6.1': /^\d{1,5}-\d$/,
  '2.16.840.1.113883.6.96': /^\d{6,18}$/,
  '2.16.840.1.113883.6.3': /^[A-Z]\d[0-9A-Z](?:\.?[0-9A-Z]{1,4})?$/,
  '2.16.840.1.113883.6.90': /^[A-Z]\d[0-9A-Z](?:\.?[0-9A-Z]{1,4})?$/,
  '2.16.840.1.113883.6.88': /^\d{1,7}$/,
  '2.16.840.1.113883.6.12': /^\d{4}[0-9A-Z]$/,
  '2.16.840.1.113883.5.83': /^(?:[<>]|A|AA|B|D|H|HH|HU|HX|I|IND|L|LL|LU|LX|MS|N|NEG|POS|R|S|U|VS|W)$/,
  '2.16.840.1.113883.5.25': /^[LMNRUV]$/,
};
const kinds = words('CD CE CS CV BL INT REAL PQ IVL_PQ IVL_TS IVL_INT RTO RTO_PQ_PQ PIVL_TS TS');
const attributes: Readonly<Record<string, RegExp>> = {
  moodCode: /^(?:EVN|INT|RQO|PRMS|PRP|DEF|GOL|APT|ARQ)$/,
  typeCode: /^(?:COMP|SUBJ|CAUS|GEVL|MFST|REFR|RSON|SAS|SPRT|XCRPT|REFV|DRIV|CSM)$/,
  nullFlavor: /^(?:NI|OTH|NINF|PINF|UNK|ASKU|NAV|NASK|TRC|MSK|NA)$/,
  negationInd: /^(?:true|false)$/,
  inversionInd: /^(?:true|false)$/,
  operator: /^[AEHIP]$/,
  inclusive: /^(?:true|false)$/,
};
const classes = words('DOCBODY DOCCLIN DOCSECT OBS ACT PROC SBADM SPLY ENC CLUSTER BATTERY MANU MMAT ALRT');
const status = words('normal aborted active cancelled completed held new suspended nullified obsolete');
/** No longer than a measurement is: numbers of persons have more digits, or no unit. */
const number = /^[+-]?(?:\d{1,7}(?:\.\d{1,6})?|\.\d{1,6})$/;
const longestBare = 6;
/** What stands in curly brackets is free text, and a word that is no unit may be a name. */
const isUnit = unitTest(new Set());

/** Attributes of one element of the structure; a code without its system is masked. */
function attributesOf({ local, attributes: given }: SaxesTagNS, isTimed: boolean, subject: Dated | undefined): string {
  const out: string[] = [];
  const add = (name: string, value: string): void => void out.push(` ${name}="${escaped(value)}"`);
  let masked = false;
  for (const { local: name, prefix, uri, value } of Object.values(given)) {
    if (uri === schema && name === 'type') {
      const kind = value.replace(/^.*:/, '');
      if (kinds.has(kind)) add('xsi:type', kind);
      continue;
    }
    if (prefix !== '') continue;
    if (name === 'classCode') {
      if (classes.has(value)) add(name, value);
    } else if (Object.hasOwn(attributes, name)) {
      if (attributes[name]!.test(value)) add(name, value);
    } else if (name === 'code') {
      const system = given['codeSystem']?.value ?? '';
      const isPublic = Object.hasOwn(forms, system) && forms[system]!.test(value);
      if (isPublic) add('codeSystem', system);
      if (isPublic || (local === 'statusCode' && status.has(value)) || (local === 'languageCode' && /^[a-z]{2}(?:-[A-Z]{2})?$/.test(value)))
        add(name, value);
      else masked = true;
    } else if (name === 'value') {
      const moved = isTimed && subject !== undefined ? shifted('DT', value, subject) : undefined;
      const isQuantity = !isTimed && number.test(value) && (isUnit(given['unit']?.value ?? '') || value.length <= longestBare);
      if (moved !== undefined) add(name, moved);
      else if (isQuantity || /^(?:true|false)$/.test(value)) add(name, value);
      else masked = true;
    } else if (name === 'unit' && isUnit(value)) add(name, value);
  }
  if (masked && given['nullFlavor'] === undefined) add('nullFlavor', 'MSK');
  return out.join('');
}

/** The type of an element in the instance itself. */
const kindOf = ({ attributes: given }: SaxesTagNS): string =>
  Object.values(given)
    .find(({ local, uri }) => uri === schema && local === 'type')
    ?.value.replace(/^.*:/, '') ?? '';

/** undefined: it is no CDA, is not well-formed, holds another document, or cannot be cleaned. */
export function cleanDocument(text: string, clean: Clean, subject: Dated | undefined): string | undefined {
  const parts: string[] = [];
  // Of each element that is open, whether its values are times.
  const timed: boolean[] = [];
  let skipped = 0;
  let prose: Blocks | undefined;
  let proseDepth = 0;
  let failed = false;
  const whole = parse(text, {
    open: tag => {
      const { local, uri } = tag;
      if (parts.length === 0 && skipped === 0 && (local !== 'ClinicalDocument' || uri !== v3)) refuse();
      if (local === 'nonXMLBody') refuse();
      if (skipped > 0) skipped++;
      else if (prose !== undefined) {
        proseDepth++;
        if (local === 'br') prose.text('\n');
        else if (table.has(local)) prose.markup(`<${local}>`);
        else if (formatting.has(local)) prose.border(local);
        else {
          proseDepth--;
          skipped++;
        }
      } else if (uri === v3 && (local === 'title' || local === 'text')) {
        prose = new Blocks();
        proseDepth = 1;
      } else if (uri === v3 && structure.has(local)) {
        const isTimed = local === 'effectiveTime' || times.has(kindOf(tag)) || (limits.has(local) && timed.at(-1) === true);
        timed.push(isTimed);
        const namespaces = parts.length === 0 ? ` xmlns="${v3}" xmlns:xsi="${schema}"` : '';
        parts.push(`<${local}${namespaces}${attributesOf(tag, isTimed, subject)}>`);
      } else skipped++;
    },
    close: ({ local }) => {
      if (skipped > 0) skipped--;
      else if (prose !== undefined) {
        if (--proseDepth > 0) {
          if (table.has(local)) prose.markup(`</${local}>`);
          else prose.border(local, true);
          return;
        }
        const said = prose.cleaned(
          clean,
          local === 'title' ? lines => lines.replaceAll('<br/>', ' ') : lines => `<paragraph>${lines}</paragraph>`,
        );
        prose = undefined;
        if (said === undefined) failed = true;
        else parts.push(`<${local}>${said}</${local}>`);
      } else {
        timed.pop();
        parts.push(`</${local}>`);
      }
    },
    text: piece => {
      // Outside of text and title the structure has no text.
      if (skipped === 0) prose?.text(piece);
    },
  });
  return whole && !failed ? `<?xml version="1.0" encoding="UTF-8"?>\n${parts.join('')}\n` : undefined;
}
