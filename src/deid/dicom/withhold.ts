/**
 * Which objects do not leave at all: directories, documents, reports nobody cleans, recordings, and pictures that likely show a name or a face, unless a rule of the
 * profile says otherwise of exactly such pictures. What an object does not say counts against it.
 * DICOM: https://dicom.nema.org/medical/dicom/current/output/chtml/part15/sect_E.3.html
 * @module
 */
import { sopClasses } from './dictionary.ts';
import { type DataSet, shortOf, textOf, Withheld } from './element.ts';
import { floatPixels, pixelData } from './pixels.ts';
import type { DicomProfile, PixelRule } from './profile.ts';

const storage = '1.2.840.10008.5.1.4.1.1.';

/** Below the storage arc. */
const documents = /^104\./;
const reports = /^88\./;
const audio = /^9\.4\./;
const recordings = /^9\./;
const raw = /^66$/;
const video = /^77\.1\.\d+\.1$/;

/** Pictures of these have no text burned in, as a rule; of all others (US, XA, RF, ES, OT, XC …) they may. */
const clean = new Set('CT MR PT NM CR DX MG RTDOSE SEG'.split(' '));
/** The same by SOP class: an ultrasound picture that says CT is still one. */
const cleanClass = /^(?:1|1\.1|1\.1\.1|1\.2|1\.2\.1|2|2\.1|2\.2|4|4\.1|4\.4|13\.1\.[345]|20|66\.4|128|128\.1|130|481\.2)$/;
/** From these a face can be made: slices, what was drawn on them, surfaces. */
const faces = new Set('CT MR PT SEG RTSTRUCT'.split(' '));
const faceClass = /^(?:2|2\.\d|4|4\.\d|13\.1\.[12]|66\.[45]|68\.\d|128|128\.1|130|481\.3)$/;

/** (0018,0015) Body Part Examined below the neck. PS3.16 annex L */
const belowNeck = new Set(
  (
    'ABDOMEN ABDOMENPELVIS ADRENAL ANKLE AORTA ARM BLADDER BREAST BRONCHUS CALF CALCANEUS CHEST CHESTABDOMEN CHESTABDPELVIS CLAVICLE COCCYX COLON DUODENUM ELBOW ESOPHAGUS EXTREMITY ' +
    'FEMUR FINGER FOOT FOREARM GALLBLADDER HAND HEART HIP HUMERUS ILEUM ILIUM JEJUNUM KIDNEY KNEE LEG LIVER LSPINE LSSPINE LUNG MEDIASTINUM OVARY PANCREAS PELVIS PENIS PROSTATE RADIUS RECTUM RIB SCAPULA ' +
    'SHOULDER SIJOINT SPLEEN STERNUM STOMACH TESTIS THIGH THORAX THUMB TIBIA TIBIAFIBULA TLSPINE TOE TSPINE ULNA UPRLIMB LOWLIMB URETER URETHRA UTERUS VAGINA WRIST'
  ).split(' '),
);
/** Words of the head wherever they stand, and those that other words hold (cardIAC, surFACE, linEAR, inciDENT) where they begin a word. */
const head =
  /head|brain|skull|facial|neuro|crani|cereb|orbit|sinus|nasal|nose|pituit|sella|jaw|mandib|maxill|neck|c-?spine|cervical|whole ?body|carotid|(?<![a-z])(?:faces?|ears?|eyes?|iacs?|tmj|temporal bones?)(?![a-z])|(?<![a-z])dent|tongue|tooth|teeth|pharyn|laryn|stroke(?! ?(?:vol|index|work))|willis|hypophys|頭|脳|顔|眼|耳|鼻|顎|頸|首|舌|歯|口腔|下垂体|トルコ鞍|聴神経|海馬|全身|アタマ|あたま|トウブ|とうぶ/i;
/** (0008,0008) of what a console made and not a detector: screens with the patient's name, pages of protocols and doses, and what says no more than that it was made. */
const pages = /SCREEN|SAVE|CAPTURE|REPORT|DOSE|SUMMARY|PROT(?:OCOL)?(?![A-Z])|SECONDARY(?:\\OTHER(?!.*(?:MPR|MIP|REFORMAT|AVERAGE))|\\*$)/;
/** What such pages are called. */
const pageWords =
  /(?:dose|exposure)[ _-]{0,3}(?:rep|rpt|info|summary|sheet|record|page|screen|chart)|(?:patient|exam|scan)[ _-]{0,3}(?:prot(?:ocol)?(?![a-z])|summary)|screen[ _-]{0,3}(?:save|capture|shot)|(?:線量|ドーズ|ドース) ?(?:情報|レポート|表|記録|管理)|被[曝ば爆]く? ?線量|(?:検査|患者|撮影)プロトコル/i;
/** (0008,2218) and whatever else says where: codes of the head and what is in it. */
const headCodes = new Set(
  '69536005 12738006 T-D1100 T-A0100 89545001 T-D1200 T-11100 89546000 T-D1500 774007 T-D1600 45048000 363654007 T-AA000 81745001 T-21000 2095001'.split(
    ' ',
  ),
);

/** Told by the object in free text, decoded where that can be. */
export interface Described {
  /** Study, series and protocol descriptions, one after another. */
  readonly words: string;
  /** Every code of a coded entry. */
  readonly codes: readonly string[];
}

const matches = (rule: PixelRule, set: DataSet): boolean =>
  rule.modality === textOf(set, 0x0008_0060) &&
  (rule.manufacturer === undefined || rule.manufacturer === textOf(set, 0x0008_0070)) &&
  (rule.model === undefined || rule.model === textOf(set, 0x0008_1090)) &&
  (rule.rows === undefined || rule.rows === shortOf(set, 0x0028_0010)) &&
  (rule.columns === undefined || rule.columns === shortOf(set, 0x0028_0011)) &&
  (rule.bodyPart === undefined || rule.bodyPart === textOf(set, 0x0018_0015));

/** What a profile knows of these pictures; of text what the first rule says that says something. */
export function rulesFor(profile: DicomProfile, set: DataSet): { readonly regions: PixelRule['regions']; readonly facesCleared: boolean } {
  const rules = profile.pixels.filter(rule => matches(rule, set));
  return { regions: rules.find(rule => rule.regions !== undefined)?.regions, facesCleared: rules.some(rule => rule.facesCleared) };
}

function mayShowText(set: DataSet, sopClass: string, words: string): boolean {
  const kind = textOf(set, 0x0008_0008).toUpperCase();
  return (
    !['', 'NO'].includes(textOf(set, 0x0028_0301)) ||
    !cleanClass.test(sopClass) ||
    textOf(set, 0x0008_0064) !== '' ||
    !clean.has(textOf(set, 0x0008_0060)) ||
    pages.test(kind) ||
    pageWords.test(words.normalize('NFKC')) ||
    (shortOf(set, 0x0028_0002) ?? 1) > 1 ||
    textOf(set, 0x0028_0004) === 'PALETTE COLOR'
  );
}

function mayShowFace(set: DataSet, sopClass: string, { words, codes }: Described): boolean {
  if (!['', 'NO'].includes(textOf(set, 0x0028_0302))) return true;
  if (!faces.has(textOf(set, 0x0008_0060)) && !faceClass.test(sopClass)) return false;
  return (
    !belowNeck.has(textOf(set, 0x0018_0015).toUpperCase()) || head.test(words.normalize('NFKC')) || codes.some(code => headCodes.has(code))
  );
}

/** @throws Withheld */
export function mustLeave(set: DataSet, profile: DicomProfile, described: Described): void {
  const uid = textOf(set, 0x0008_0016);
  if (uid === '1.2.840.10008.1.3.10' || set.has(0x0004_1220)) throw new Withheld('is a directory of a medium');
  if (!sopClasses.has(uid)) throw new Withheld('is of a SOP class that the standard does not have');
  if (!uid.startsWith(storage)) throw new Withheld('is of a SOP class that is not stored');
  if (textOf(set, 0x0008_0018) === '') throw new Withheld('has no SOP Instance UID');
  const sopClass = uid.slice(storage.length);
  if (documents.test(sopClass) || set.has(0x0042_0011)) throw new Withheld('is an encapsulated document');
  if (raw.test(sopClass)) throw new Withheld('is raw data of a device');
  if (audio.test(sopClass)) throw new Withheld('is a voice');
  const structured = reports.test(sopClass) || (set.get(0x0040_a730)?.items?.length ?? 0) > 0;
  if (structured && !profile.options.has('cleanStructuredContent')) throw new Withheld('is a structured report');
  if ((recordings.test(sopClass) || set.has(0x5400_0100)) && !profile.waveforms) throw new Withheld('is a waveform');
  if (video.test(sopClass)) throw new Withheld('is a video');
  const { regions, facesCleared } = rulesFor(profile, set);
  const hasPixels = [pixelData, ...floatPixels.keys()].some(tag => set.has(tag));
  if (hasPixels && regions === undefined && mayShowText(set, sopClass, described.words))
    throw new Withheld('may have text burned into its pixels');
  if (!facesCleared && mayShowFace(set, sopClass, described)) throw new Withheld('may show a face');
}
