/**
 * What the pages of a sign-in have to show, as data. Who renders them is handed in: this folder knows no HTML.
 * @module
 */

export const languages = ['ja', 'en'] as const;
export type Language = (typeof languages)[number];

/** One line that a person can say no to. */
export interface Asked {
  /** As it goes into the grant. */
  readonly scope: string;
  readonly context?: string;
  /** Resource type or `*`. */
  readonly type?: string;
  /** Letters of `cruds`. */
  readonly letters?: string;
  /** Conditions of its query, all of which must hold: [parameter, value], a value with its alternatives. */
  readonly only?: readonly (readonly [parameter: string, value: string])[];
}

export interface Choice {
  /** `Patient/<id>` */
  readonly patient: string;
  readonly name?: string;
  readonly birthDate?: string;
  /** Whoever signed in himself. */
  readonly self: boolean;
}

interface Step {
  /** Where the form goes. */
  readonly action: string;
  readonly app: { readonly ja: string; readonly en: string };
}

export type View =
  | (Step & {
      readonly page: 'sign-in';
      readonly login?: string;
      readonly wrong?: 'refused' | 'unfit' | 'busy';
      readonly elsewhere: boolean;
    })
  | (Step & {
      readonly page: 'consent';
      readonly login?: string;
      /** Empty: no patient has to be chosen. */
      readonly choices: readonly Choice[];
      readonly asked: readonly Asked[];
      /** The app wants to know who signs in. */
      readonly identity: boolean;
    })
  | { readonly page: 'error'; readonly code: string };

export interface Pages {
  readonly render: (view: View, language: Language) => string;
  /** Source expression of their stylesheet for Content-Security-Policy. */
  readonly style: string;
}
