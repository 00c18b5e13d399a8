/**
 * Every word of the sign-in pages, Japanese and English. Plain: no word of OAuth or FHIR is needed to understand what is asked.
 * @module
 */
import type { Language } from '../../auth/pages.ts';

export interface Words {
  readonly other: readonly [Language, string];
  readonly signIn: string;
  readonly signInFor: (app: string) => string;
  readonly login: string;
  readonly password: string;
  readonly refused: string;
  readonly unfit: string;
  readonly busy: string;
  readonly elsewhere: string;
  readonly cancel: string;
  readonly consent: (app: string) => string;
  readonly asks: (app: string) => string;
  readonly signedIn: (login: string) => string;
  readonly another: string;
  readonly who: string;
  readonly self: string;
  readonly ward: (n: number) => string;
  readonly born: (date: string) => string;
  readonly of: string;
  readonly identity: string;
  readonly untick: string;
  readonly allow: string;
  readonly deny: string;
  readonly letters: Readonly<Record<string, string>>;
  readonly joined: (verbs: readonly string[], what: string) => string;
  readonly only: (all: string, conditions: readonly string[]) => string;
  readonly or: string;
  readonly context: Readonly<Record<string, (what: string) => string>>;
  readonly everything: string;
  readonly types: Readonly<Record<string, string>>;
  readonly offline: string;
  readonly online: string;
  readonly failed: string;
  readonly errors: Readonly<Record<string, string>>;
  readonly error: string;
}

const ja: Words = {
  other: ['en', 'English'],
  signIn: 'サインイン',
  signInFor: app => `「${app}」を使うために、サインインしてください。`,
  login: 'ログイン名',
  password: 'パスワード',
  refused: 'ログイン名かパスワードが違うか、しばらく使えなくなっています。5回間違えると15分間お待ちいただきます。',
  unfit: 'このアカウントでは、このアプリを使えません。別のアカウントでサインインしてください。',
  busy: '間違いが続いたため、1分ほどお待ちください。',
  elsewhere: '本人確認サービスでサインイン',
  cancel: 'やめて、アプリに戻る',
  consent: app => `「${app}」に許可しますか`,
  asks: app => `「${app}」は、次のことを求めています。`,
  signedIn: login => `${login} としてサインインしています。`,
  another: '別のアカウントを使う',
  who: 'どなたの記録ですか',
  self: 'ご本人',
  ward: n => `代わりに手続きする方 ${n}`,
  born: date => `${date.slice(0, 4)}年生まれ`,
  of: 'この方の記録です',
  identity: 'あなたがどなたかを知る',
  untick: '許可しないものは、チェックを外してください。',
  allow: '許可する',
  deny: '許可しない',
  letters: { c: '追加', r: '閲覧', u: '変更', d: '削除', s: '検索' },
  joined: (verbs, what) => `${what}の${verbs.join('・')}`,
  only: (all, conditions) => `${all}（${conditions.join('、')} のものだけ）`,
  or: ' または ',
  context: { patient: what => `この方の${what}`, user: what => `あなたの施設の${what}`, system: what => what },
  everything: '医療記録すべて',
  types: {
    Patient: '基本情報（氏名・生年月日など）',
    Consent: '同意・停止の申出',
    DocumentReference: '文書（受領書など）',
    Communication: 'お知らせ',
    Questionnaire: 'お知らせの本文',
    Observation: '検査結果・測定値',
    Condition: '病名',
    Encounter: '受診の記録',
    Medication: 'お薬',
    MedicationRequest: '処方',
    MedicationAdministration: 'お薬の投与',
    MedicationDispense: 'お薬の受け渡し',
    MedicationStatement: 'お薬の使用状況',
    AllergyIntolerance: 'アレルギー',
    Procedure: '手術・処置',
    Immunization: '予防接種',
    DiagnosticReport: '検査報告書',
    Organization: '医療機関の情報',
    Practitioner: '医療従事者の情報',
    PractitionerRole: '医療従事者の役割',
    Coverage: '保険の情報',
    RelatedPerson: 'ご家族・代理人の情報',
    Provenance: '記録の来歴',
  },
  offline: 'サインアウトしたあとも、使い続ける（最長30日）',
  online: 'サインインしている間、使い続ける',
  failed: '続けられませんでした',
  errors: {
    expired: '手続きの時間が切れたか、別の画面で終わっています。アプリに戻って、はじめからやり直してください。',
    invalid_client: 'このアプリは登録されていません。',
    invalid_redirect_uri: 'アプリの戻り先が登録と違います。アプリの提供者にお知らせください。',
  },
  error: 'アプリからの依頼に誤りがあります。アプリに戻って、やり直してください。',
};

const en: Words = {
  other: ['ja', '日本語'],
  signIn: 'Sign in',
  signInFor: app => `Sign in to use “${app}”.`,
  login: 'Login name',
  password: 'Password',
  refused: 'Login name or password is wrong, or the account is locked for a while. Five mistakes lock it for 15 minutes.',
  unfit: 'This account cannot use this app. Sign in with another one.',
  busy: 'Too many mistakes. Please wait a minute.',
  elsewhere: 'Sign in with the identity service',
  cancel: 'Stop and go back to the app',
  consent: app => `Allow “${app}”?`,
  asks: app => `“${app}” asks for this:`,
  signedIn: login => `You are signed in as ${login}.`,
  another: 'Use another account',
  who: 'Whose records?',
  self: 'My own',
  ward: n => `Person I act for (${n})`,
  born: date => `born in ${date.slice(0, 4)}`,
  of: 'This person’s records',
  identity: 'Know who you are',
  untick: 'Untick what you do not want to allow.',
  allow: 'Allow',
  deny: 'Do not allow',
  letters: { c: 'add', r: 'read', u: 'change', d: 'delete', s: 'search' },
  joined: (verbs, what) => {
    const text = verbs.length > 1 ? `${verbs.slice(0, -1).join(', ')} and ${verbs.at(-1)}` : (verbs[0] ?? '');
    return `${text.charAt(0).toUpperCase()}${text.slice(1)} ${what}`;
  },
  only: (all, conditions) => `${all} (only ${conditions.join(', ')})`,
  or: ' or ',
  context: { patient: what => `this person’s ${what}`, user: what => `your institution’s ${what}`, system: what => what },
  everything: 'medical records, all of them',
  types: {
    Patient: 'basic details (name, date of birth and so on)',
    Consent: 'consents and objections',
    DocumentReference: 'documents (receipts and others)',
    Communication: 'notices',
    Questionnaire: 'texts of notices',
    Observation: 'test results and measurements',
    Condition: 'diagnoses',
    Encounter: 'visits',
    Medication: 'medicines',
    MedicationRequest: 'prescriptions',
    MedicationAdministration: 'medicines given',
    MedicationDispense: 'medicines handed out',
    MedicationStatement: 'medicines taken',
    AllergyIntolerance: 'allergies',
    Procedure: 'operations and treatments',
    Immunization: 'vaccinations',
    DiagnosticReport: 'test reports',
    Organization: 'information on institutions',
    Practitioner: 'information on staff',
    PractitionerRole: 'roles of staff',
    Coverage: 'insurance',
    RelatedPerson: 'relatives and representatives',
    Provenance: 'origin of records',
  },
  offline: 'Go on after you have signed out (up to 30 days)',
  online: 'Go on while you are signed in',
  failed: 'This did not work',
  errors: {
    expired: 'The time is over, or it was finished in another window. Go back to the app and start again.',
    invalid_client: 'This app is not registered.',
    invalid_redirect_uri: 'The app wants to go back to an address that is not registered. Tell its provider.',
  },
  error: 'The app’s request is wrong. Go back to the app and try again.',
};

export const dictionary: Readonly<Record<Language, Words>> = { ja, en };
