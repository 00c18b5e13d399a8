/**
 * What the generated hospitals find and give: published codes of diagnoses, tests and drugs, few enough to be looked over, each in the systems that
 * Japanese records use beside the international ones. Where we are not sure of a code in a system, it is left out.
 * JP Core: http://jpfhir.jp/fhir/core/ (code systems)
 * @module
 */

export const systems = {
  icd10: 'http://hl7.org/fhir/sid/icd-10',
  icd10jp: 'http://jpfhir.jp/fhir/core/mhlw/CodeSystem/ICD10-2013-full',
  disease: 'http://medis.or.jp/CodeSystem/master-disease-keyNumber',
  loinc: 'http://loinc.org',
  jlac10: 'http://medis.or.jp/CodeSystem/master-JLAC10-17digits',
  yj: 'http://capstandard.jp/iyaku.info/CodeSystem/YJ-code',
  hot9: 'http://medis.or.jp/CodeSystem/master-HOT9',
  usage: 'http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationUsage_ePrescription',
  unit: 'http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationUnitMERIT9Code',
  department: 'http://jami.jp/SS-MIX2/CodeSystem/ClinicalDepartment',
  ucum: 'http://unitsofmeasure.org',
} as const;

export interface Test {
  readonly loinc: string;
  readonly jlac10?: string;
  readonly name: string;
  readonly unit: string;
  readonly ucum: string;
  readonly low: number;
  readonly high: number;
  readonly digits: number;
}

const test = (
  loinc: string,
  jlac10: string | undefined,
  name: string,
  unit: string,
  ucum: string,
  low: number,
  high: number,
  digits: number,
): Test => ({
  loinc,
  ...(jlac10 === undefined ? {} : { jlac10 }),
  name,
  unit,
  ucum,
  low,
  high,
  digits,
});

export const tests = {
  glucose: test('2339-0', '3D010000001926101', '血糖', 'mg/dL', 'mg/dL', 73, 109, 0),
  hba1c: test('4548-4', '3D046000001906202', 'HbA1c(NGSP)', '%', '%', 4.9, 6.0, 1),
  creatinine: test('2160-0', '3C015000002327101', 'クレアチニン', 'mg/dL', 'mg/dL', 0.46, 1.07, 2),
  urea: test('3094-0', '3C025000002327201', '尿素窒素', 'mg/dL', 'mg/dL', 8, 20, 0),
  uricAcid: test('3084-1', '3C020000002327101', '尿酸', 'mg/dL', 'mg/dL', 2.6, 7.8, 1),
  ast: test('1920-8', '3B035000002327201', 'AST', 'U/L', 'U/L', 13, 30, 0),
  alt: test('1742-6', '3B045000002327201', 'ALT', 'U/L', 'U/L', 7, 42, 0),
  ggt: test('2324-2', '3B090000002327101', 'γ-GT', 'U/L', 'U/L', 9, 64, 0),
  ldl: test('18262-6', '3F077000002327101', 'LDLコレステロール', 'mg/dL', 'mg/dL', 65, 163, 0),
  hdl: test('2085-9', '3F070000002327101', 'HDLコレステロール', 'mg/dL', 'mg/dL', 38, 103, 0),
  triglycerides: test('2571-8', '3F015000002327101', '中性脂肪', 'mg/dL', 'mg/dL', 30, 234, 0),
  hemoglobin: test('718-7', '2A030000001930101', 'ヘモグロビン', 'g/dL', 'g/dL', 11.6, 16.8, 1),
  white: test('6690-2', undefined, '白血球数', '10^3/μL', '10*3/uL', 3.3, 8.6, 1),
  platelets: test('777-3', undefined, '血小板数', '10^3/μL', '10*3/uL', 158, 348, 0),
  crp: test('1988-5', undefined, 'CRP', 'mg/dL', 'mg/dL', 0, 0.14, 2),
  sodium: test('2951-2', undefined, 'ナトリウム', 'mmol/L', 'mmol/L', 138, 145, 0),
  potassium: test('2823-3', '3H015000002326101', 'カリウム', 'mmol/L', 'mmol/L', 3.6, 4.8, 1),
} as const satisfies Record<string, Test>;

export type TestName = keyof typeof tests;

interface Drug {
  readonly name: string;
  readonly yj: string;
  readonly hot9?: string;
  /** Tablets, capsules … at a time. */
  readonly dose: number;
  readonly usage: readonly [code: string, text: string, timesADay: number];
}

const morning = ['1011000400000000', '１日１回朝食後　服用', 1] as const;
const evening = ['1011040000000000', '１日１回夕食後　服用', 1] as const;
const thrice = ['1013044400000000', '１日３回朝昼夕食後　服用', 3] as const;
const bedtime = ['1011100000000000', '１日１回就寝前　服用', 1] as const;

const drug = (name: string, yj: string, hot9: string | undefined, dose: number, usage: Drug['usage']): Drug => ({
  name,
  yj,
  ...(hot9 === undefined ? {} : { hot9 }),
  dose,
  usage,
});

const drugs = {
  amlodipine: drug('アムロジピンＯＤ錠１０ｍｇ', '2171022F6276', '121431401', 1, morning),
  metformin: drug('メトグルコ錠２５０ｍｇ', '3962002F2027', undefined, 1, thrice),
  rosuvastatin: drug('クレストール錠２．５ｍｇ', '2189017F1022', undefined, 1, evening),
  lansoprazole: drug('タケプロンＯＤ錠１５', '2329023F1020', undefined, 1, morning),
  paracetamol: drug('カロナール錠５００', '1141007F3023', '123812902', 1, thrice),
  carbocisteine: drug('カルボシステイン錠２５０ｍｇ「サワイ」', '2233002F1280', '103831601', 2, thrice),
  loxoprofen: drug('ロキソニン錠６０ｍｇ', '1149019F1560', undefined, 1, thrice),
  prednisolone: drug('プレドニン錠５ｍｇ', '2456001F1310', '105271807', 2, morning),
  lemborexant: drug('デエビゴ錠２．５ｍｇ', '1190027F1022', undefined, 1, bedtime),
} as const satisfies Record<string, Drug>;

export interface Disease {
  readonly icd10: string;
  readonly keyNumber?: string;
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly only?: 'female' | 'male';
  readonly weight: number;
  /** Lasts, and is seen again and again. */
  readonly chronic: boolean;
  /** Tests that are out of their range with it, and by which factor of the upper bound (or lower, below 1). */
  readonly shows: readonly (readonly [TestName, number])[];
  readonly drug?: Drug;
  /** Code of JAMI's department table, and its name. */
  readonly department: readonly [string, string];
}

const internal = ['01', '内科'] as const;
const heart = ['081', '循環器内科'] as const;

const disease = (
  icd10: string,
  name: string,
  ages: readonly [number, number],
  weight: number,
  chronic: boolean,
  more: Partial<Disease> = {},
): Disease => ({
  icd10,
  name,
  from: ages[0],
  to: ages[1],
  weight,
  chronic,
  shows: [],
  department: internal,
  ...more,
});

export const diseases: readonly Disease[] = [
  disease('I10', '高血圧症', [35, 110], 30, true, { keyNumber: '20061593', drug: drugs.amlodipine, department: heart }),
  disease('E11.9', '２型糖尿病', [30, 110], 20, true, {
    drug: drugs.metformin,
    shows: [
      ['glucose', 1.5],
      ['hba1c', 1.25],
    ],
  }),
  disease('E78.5', '高脂血症', [30, 110], 18, true, {
    drug: drugs.rosuvastatin,
    shows: [
      ['ldl', 1.15],
      ['triglycerides', 1.2],
    ],
  }),
  disease('I20.9', '狭心症', [50, 110], 6, true, { keyNumber: '20058911', department: heart }),
  disease('I48.9', '心房細動', [55, 110], 6, true, { department: heart }),
  disease('N18.3', '慢性腎臓病', [50, 110], 6, true, {
    shows: [
      ['creatinine', 1.5],
      ['urea', 1.4],
      ['potassium', 1.05],
    ],
  }),
  disease('K21.0', '逆流性食道炎', [25, 110], 8, true, { drug: drugs.lansoprazole }),
  disease('J45.9', '気管支喘息', [3, 90], 6, true, { drug: drugs.prednisolone }),
  disease('M17.9', '変形性膝関節症', [55, 110], 7, true, { drug: drugs.loxoprofen }),
  disease('M81.9', '骨粗鬆症', [60, 110], 6, true, { only: 'female' }),
  disease('N40', '前立腺肥大症', [55, 110], 6, true, { only: 'male' }),
  disease('F51.0', '不眠症', [25, 110], 6, true, { drug: drugs.lemborexant }),
  disease('D50.9', '鉄欠乏性貧血', [15, 90], 4, true, { shows: [['hemoglobin', 0.78]] }),
  disease('M10.9', '痛風', [35, 85], 3, true, { only: 'male', shows: [['uricAcid', 1.2]] }),
  disease('C16.9', '胃癌', [50, 95], 2, true, { keyNumber: '20054178', shows: [['hemoglobin', 0.85]] }),
  disease('C50.9', '乳癌', [35, 90], 2, true, { only: 'female' }),
  disease('J06.9', '急性上気道炎', [0, 90], 14, false, { drug: drugs.carbocisteine, shows: [['crp', 6]] }),
  disease('J18.9', '肺炎', [0, 110], 4, false, {
    shows: [
      ['crp', 40],
      ['white', 1.5],
    ],
  }),
  disease('R10.1', '上腹部痛', [5, 100], 4, false, { keyNumber: '20065011', drug: drugs.lansoprazole }),
  disease('R50.9', '発熱', [0, 100], 5, false, { drug: drugs.paracetamol, shows: [['crp', 12]] }),
];

/** One person in some thousands has it: what singles out. */
export const rareDisease: Disease = disease('E75.2', 'ファブリー病', [10, 110], 0, true, {
  shows: [['creatinine', 1.6]],
  department: heart,
});

/** Tests of an ordinary visit, whatever the disease. */
export const panel: readonly TestName[] = [
  'glucose',
  'hba1c',
  'creatinine',
  'urea',
  'ast',
  'alt',
  'ldl',
  'hdl',
  'triglycerides',
  'hemoglobin',
  'white',
  'platelets',
  'crp',
  'sodium',
  'potassium',
];
