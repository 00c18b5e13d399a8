/**
 * The walk over a data set and its sequences: each attribute becomes what the table, or outside of it the closed world, makes of it.
 * DICOM: https://dicom.nema.org/medical/dicom/current/output/chtml/part15/sect_E.1.html
 * @module
 */
import { type Decode, decoderOf, extended } from './charset.ts';
import { codeElements, isCode, ofCodes, publicCode } from './codes.ts';
import { type Dated, isTemporal, mayStay, shifted } from './dates.ts';
import { isPrivate, isWellKnown, mostValues, type Tag, vrOf } from './dictionary.ts';
import { type DataSet, type Element, latin1, textOf, trimmed, widths } from './element.ts';
import type { DicomProfile } from './profile.ts';
import { type Action, actionOf, contentRowOf, needOf, neverKept, rowOf, settle } from './table.ts';
import { text } from './write.ts';

/** Whose an object is. */
export interface DicomSubject extends Dated {
  /** PatientID under which the person leaves. */
  readonly id: string;
  /** 90 years or older at some event: no age leaves, since beside a date one of 70 tells as much. Default false. */
  readonly pooled?: boolean;
}

export interface DicomContext {
  /** A UID for a UID, the same for the same: the map that references to the object go through, too. */
  readonly uid: (uid: string) => string;
  /** Absent: the object is nobody's that is known, and leaves without dates. */
  readonly subject?: DicomSubject;
  /** Free text without what identifies; undefined: it does not leave. Absent: none does. */
  readonly clean?: (text: string) => string | undefined;
}

const temporal = new Set(['DA', 'DT', 'TM']);
const texts = new Set('AE LO LT PN SH ST UC UR UT'.split(' '));
const numbers = new Set('AT FD FL SL SS SV UL US UV'.split(' '));
/** Texts of one value, in which \ is a character. */
const single = new Set('LT ST UT UR'.split(' '));

/** (0040,A160): the text of an item of a report. The table does not list it; it is its option's. */
const textValue = 0x0040_a160;

/** Bytes that are numbers: lookup tables, spectra, coordinates, waveforms. Pixels are treated apart. */
const arrays = new Set([
  0x0028_1101, 0x0028_1102, 0x0028_1103, 0x0028_1201, 0x0028_1202, 0x0028_1203, 0x0028_1221, 0x0028_1222, 0x0028_1223, 0x0028_3006,
  0x5400_0110, 0x5400_0112, 0x5400_100a, 0x5400_1010, 0x5600_0010, 0x5600_0020, 0x0066_0016, 0x0066_0021, 0x0066_0022, 0x0066_0023,
  0x0066_0024, 0x0066_0025, 0x0066_0029, 0x0066_0040, 0x0066_0041, 0x0066_0042, 0x0066_0043, 0x0066_0129, 0x0028_1408, 0x0064_0009,
]);

const form: Readonly<Record<string, RegExp>> = {
  // A code of six figures in a row is the number of something, or a day.
  CS: /^(?!.*\d{6})[A-Z0-9 _]{0,16}$/,
  DS: /^ *(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[Ee][+-]?\d+)?)? *$/,
  IS: /^ *(?:[+-]?\d{1,10})? *$/,
  AS: /^(?:\d{3}[DWMY])?$/,
};
/** Devices write numbers longer than the 16 bytes of the standard; nothing longer than this is looked at. */
const longestForm = 32;

/** VRs between which objects may choose. */
const alike: readonly ReadonlySet<string>[] = [new Set(['US', 'SS', 'OW']), new Set(['OB', 'OW'])];

const dummies: Readonly<Record<string, string>> = {
  DA: '19000101',
  DT: '19000101000000',
  TM: '000000',
  AS: '000Y',
  DS: '0',
  IS: '0',
  UR: 'urn:removed',
};

/** An attribute is of the VR that the standard gives it, whatever the object says; but what the object calls text is no number. undefined: it cannot be. */
function asKnown(element: Element): Element | undefined {
  const { tag, vr, items } = element;
  const known = vrOf(tag);
  if (known === undefined || known === vr || alike.some(family => family.has(known) && family.has(vr))) return element;
  if (items !== undefined || known === 'SQ') return undefined;
  return texts.has(vr) && (numbers.has(known) || known.startsWith('O')) ? undefined : { ...element, vr: known };
}

/** 90 years and more are one age. */
const topCoded = (age: string): string => (/^(?:0[89]|[1-9]\d)\dY$/.test(age) && Number(age.slice(0, 3)) >= 90 ? '090Y' : age);

export class Walk {
  readonly counts: Record<string, number> = {};
  private readonly profile: DicomProfile;
  private readonly context: DicomContext;
  private readonly sopClass: string;

  constructor(profile: DicomProfile, context: DicomContext, sopClass: string) {
    this.profile = profile;
    this.context = context;
    this.sopClass = sopClass;
  }

  count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  /** (0028,0303): what became of dates. */
  get temporal(): string {
    if (this.profile.options.has('retainLongitudinalFullDates')) return 'UNMODIFIED';
    return this.profile.options.has('retainLongitudinalModifiedDates') && this.context.subject !== undefined ? 'MODIFIED' : 'REMOVED';
  }

  /**
   * @param decode of the data set around, where this one does not say its own
   * @param dummy every text, date and code becomes a dummy
   */
  dataSet(set: DataSet, outer: Decode | undefined, dummy = false): DataSet {
    const own = set.get(0x0008_0005);
    const decode = own === undefined ? outer : decoderOf(textOf(set, 0x0008_0005));
    const out: DataSet = new Map();
    const safe = this.safePrivate(set);
    const entry = isCode(set);
    for (const element of set.values()) {
      const { tag } = element;
      if (tag === 0x0008_0005 || tag >>> 16 === 0x7fe0) continue;
      if (entry && ofCodes.has(tag)) continue;
      const became = safe.has(tag) ? this.kept(element, decode, dummy) : this.element(element, decode, dummy);
      if (became === undefined) this.count('removed');
      else out.set(tag, became);
    }
    for (const [tag, creator] of safe) if (out.has(tag)) out.set(creator.tag, text(creator.tag, 'LO', creator.name));
    if (entry) this.code(set, out, decode, dummy);
    return out;
  }

  private code(set: DataSet, out: DataSet, decode: Decode | undefined, dummy: boolean): void {
    const known = dummy ? undefined : publicCode(set);
    const bytes = set.get(0x0008_0104)?.bytes;
    const said = known === undefined || bytes === undefined || !this.profile.options.has('cleanDescriptors') ? undefined : decode?.(bytes);
    const cleaned = said === undefined ? undefined : this.cleaned(said.trim());
    for (const [tag, element] of codeElements(known, cleaned)) out.set(tag, element);
    this.count(known === undefined ? 'dummied' : cleaned === undefined ? 'kept' : 'cleaned');
  }

  /** Private attributes of this data set that the profile calls safe, each with the creator of its block. PS3.5 7.8.1 */
  private safePrivate(set: DataSet): Map<Tag, { tag: Tag; name: string }> {
    const safe = new Map<Tag, { tag: Tag; name: string }>();
    if (this.profile.safePrivate.length === 0) return safe;
    for (const { tag, vr } of set.values()) {
      const block = (tag >>> 8) & 0xff;
      if (!isPrivate(tag) || block < 0x10 || !(numbers.has(vr) || ['DS', 'IS', 'CS'].includes(vr))) continue;
      const creator = ((tag & 0xffff_0000) | block) >>> 0;
      const name = textOf(set, creator);
      const known = this.profile.safePrivate.some(one => one.creator === name && one.group === tag >>> 16 && one.element === (tag & 0xff));
      if (known) safe.set(tag, { tag: creator, name });
    }
    return safe;
  }

  private element(read: Element, decode: Decode | undefined, dummy: boolean): Element | undefined {
    const element = neverKept(read.tag) ? undefined : asKnown(read);
    if (element === undefined) return undefined;
    const { tag, vr } = element;
    const row = rowOf(tag);
    if (row === undefined) return vrOf(tag) === undefined || vr === 'UN' ? undefined : this.unlisted(element, decode, dummy);
    const actions = actionOf(row, this.profile);
    const need = needOf(this.sopClass, tag);
    const action = this.settled(settle(actions, need), element);
    if (action === 'K' || action === 'C') {
      const became = action === 'K' ? this.kept(element, decode, dummy) : this.clean(element, decode, dummy);
      return became ?? this.without(element, this.settled(settle(row.basic, need), element), decode);
    }
    return this.without(element, action, decode);
  }

  /** A sequence that must stay (U*) stays; its UIDs are mapped like all. */
  private settled(action: Action, { items }: Element): Action {
    return action === 'U' && items !== undefined ? 'K' : action;
  }

  /** What does not stay as it is: X, Z, D or U. */
  private without(element: Element, action: Action, decode: Decode | undefined): Element | undefined {
    const { tag, vr, items } = element;
    if (action === 'X') return undefined;
    if (action === 'Z') {
      this.count('emptied');
      return items === undefined ? { tag, vr, bytes: new Uint8Array(0) } : { tag, vr, items: [] };
    }
    if (action === 'K') return this.kept(element, decode, false);
    if (vr === 'UI') return this.mapped(element, true);
    this.count('dummied');
    if (items !== undefined) return { tag, vr, items: items.map(one => this.dataSet(one, decode, true)) };
    return dummyOf(element);
  }

  /** Outside of the table. */
  private unlisted(element: Element, decode: Decode | undefined, dummy: boolean): Element | undefined {
    const { tag, vr } = element;
    const need = needOf(this.sopClass, tag);
    if (temporal.has(vr) || vr === 'AS') {
      if (dummy) return this.without(element, 'D', decode);
      const dated = temporal.has(vr) ? this.dated(element) : undefined;
      return dated ?? this.without(element, settle('X/Z/D', need === 0 ? 3 : need), decode);
    }
    if (texts.has(vr)) {
      const cleaner = tag === textValue ? 'cleanStructuredContent' : 'cleanDescriptors';
      const said = dummy
        ? undefined
        : (this.ofProfile(element, decode) ?? (this.profile.options.has(cleaner) ? this.clean(element, decode, false) : undefined));
      return said ?? this.without(element, dummy ? 'D' : settle('X/Z/D', need === 0 ? 3 : need), decode);
    }
    const became = this.kept(element, decode, dummy);
    return became ?? this.without(element, dummy ? 'D' : settle('X/Z/D', need === 0 ? 3 : need), decode);
  }

  private ofProfile({ tag, vr, bytes }: Element, decode: Decode | undefined): Element | undefined {
    const pattern = this.profile.keep.get(tag);
    const said = pattern === undefined || bytes === undefined ? undefined : textIn(vr, bytes, decode);
    if (said === undefined || !valuesOf(vr, said).every(one => pattern!.test(one))) return undefined;
    this.count('kept');
    return text(tag, vr, said);
  }

  /** Dates as the options of the profile have them; undefined: without. */
  private dated(element: Element): Element | undefined {
    const { options } = this.profile;
    if (options.has('retainLongitudinalFullDates')) return this.kept(element, undefined, false);
    return options.has('retainLongitudinalModifiedDates') ? this.shift(element) : undefined;
  }

  private shift({ tag, vr, bytes }: Element): Element | undefined {
    const { subject } = this.context;
    if (subject === undefined || bytes === undefined) return undefined;
    const values = valuesOf(vr, trimmed(latin1(bytes)));
    const moved = values.map(value => (value === '' ? '' : shifted(vr, value, subject)));
    if (moved.includes(undefined)) return undefined;
    this.count('shifted');
    return text(tag, vr, moved.join('\\'));
  }

  private clean(element: Element, decode: Decode | undefined, dummy: boolean): Element | undefined {
    const { tag, vr, items, bytes } = element;
    if (items !== undefined) return this.sequence(element, decode, dummy);
    if (dummy) return undefined;
    if (temporal.has(vr)) return this.shift(element);
    if (!texts.has(vr) || vr === 'PN' || vr === 'AE' || vr === 'UR') return undefined;
    const said = textIn(vr, bytes!, decode);
    if (said === undefined) return undefined;
    const values = valuesOf(vr, said).map(one => (one === '' ? '' : this.cleaned(one)));
    if (values.includes(undefined)) return undefined;
    this.count('cleaned');
    return text(tag, vr, values.join('\\'));
  }

  private cleaned(said: string): string | undefined {
    const out = this.context.clean?.(said);
    return out === undefined || out.trim() === '' ? undefined : out.replace(/[\\\0\x1b]/g, ' ');
  }

  /** As it is, in the form that its VR has; undefined: it has not that form. */
  private kept(element: Element, decode: Decode | undefined, dummy: boolean): Element | undefined {
    const { tag, vr, items, bytes } = element;
    if (items !== undefined) return this.sequence(element, decode, dummy);
    if (vr === 'UI') return this.mapped(element, false);
    if (bytes === undefined) return undefined;
    if (numbers.has(vr)) {
      const values = bytes.length / widths.get(vr)!;
      if (!Number.isInteger(values) || values > mostValues(tag)) return undefined;
      // Points of a line may write a word.
      if (dummy && (vr === 'FL' || vr === 'FD')) return undefined;
      this.count('kept');
      return element;
    }
    if (vr.startsWith('O')) {
      if (dummy || !arrays.has(tag)) return undefined;
      this.count('kept');
      return element;
    }
    if (dummy && (texts.has(vr) || temporal.has(vr))) return undefined;
    const { subject } = this.context;
    // Nobody's, or several persons': one may be pooled.
    if (vr === 'AS' && (subject === undefined || subject.pooled === true)) return undefined;
    const said = textIn(vr, bytes, decode);
    if (said === undefined) return undefined;
    const values = valuesOf(vr, said);
    if (subject !== undefined && temporal.has(vr) && !values.every(one => one === '' || mayStay(vr, one, subject))) return undefined;
    if (values.length > mostValues(tag) || (form[vr] !== undefined && values.some(one => one.length > longestForm))) return undefined;
    if (!values.every(one => (temporal.has(vr) ? one === '' || isTemporal(vr, one) : (form[vr]?.test(one) ?? texts.has(vr)))))
      return undefined;
    this.count('kept');
    return text(tag, vr, vr === 'AS' ? values.map(topCoded).join('\\') : said);
  }

  /** UIDs: what the standard means stays, the rest goes through the map, each value for itself. */
  private mapped({ tag, vr, bytes }: Element, all: boolean): Element | undefined {
    const values = trimmed(latin1(bytes ?? new Uint8Array(0)))
      .split('\\')
      .map(trimmed);
    if (values.some(uid => uid !== '' && !/^[0-9.]{1,64}$/.test(uid))) return undefined;
    const retained = !all && this.profile.options.has('retainUids');
    const out = values.map(uid => (uid === '' || isWellKnown(uid) || retained ? uid : this.context.uid(uid)));
    this.count(out.every((uid, i) => uid === values[i]) ? 'kept' : 'mapped');
    return text(tag, vr, out.join('\\'));
  }

  private sequence({ tag, vr, items }: Element, decode: Decode | undefined, dummy: boolean): Element {
    const out: DataSet[] = [];
    for (const one of items!) {
      const fate = tag === 0x0040_a730 ? this.contentItem(one) : 'K';
      if (fate === 'X' || fate === 'Z') this.count('removed');
      else out.push(this.dataSet(one, decode, dummy || fate === 'D'));
    }
    return { tag, vr, items: out };
  }

  /** A content item of a structured report, by its concept name. PS3.15 table E.3.4-1 */
  private contentItem(one: DataSet): Action {
    const name = one.get(0x0040_a043)?.items?.[0];
    const row =
      name === undefined ? undefined : contentRowOf(textOf(name, 0x0008_0102), textOf(name, 0x0008_0100), textOf(one, 0x0040_a040));
    return row === undefined ? 'K' : settle(actionOf(row, this.profile), 3);
  }
}

/** Text has line ends and tabs; with other controls in it (as UTF-16 has them) it is none. */
const isControlled = /[\0-\x08\x0b\x0e-\x1f\x7f]/;

/** Without padding; undefined: not in the declared set, or more than text. */
function textIn(vr: string, bytes: Uint8Array, decode: Decode | undefined): string | undefined {
  const said = extended.has(vr) ? decode?.(bytes) : bytes.some(byte => byte > 0x7e) ? undefined : latin1(bytes);
  if (said === undefined) return undefined;
  const text = trimmed(said);
  return isControlled.test(text) ? undefined : text;
}

const valuesOf = (vr: string, said: string): string[] => (single.has(vr) ? [said] : said.split('\\').map(trimmed));

function dummyOf({ tag, vr, bytes }: Element): Element {
  if (numbers.has(vr)) return { tag, vr, bytes: new Uint8Array(bytes!.length - (bytes!.length % widths.get(vr)!)) };
  if (vr.startsWith('O') || vr === 'UN') return { tag, vr, bytes: new Uint8Array(Math.max(2, widths.get(vr)!)) };
  return text(tag, vr, dummies[vr] ?? 'REMOVED');
}
