/**
 * What a page learns when it is opened: which server, which language, where it comes from. The address is cleaned at once: a code must not stay in it.
 * SMART: https://hl7.org/fhir/smart-app-launch/app-launch.html#launch-app-ehr-launch
 * @module
 */
import { createKeep, type Keep } from '../smart/session.ts';
import type { App } from '../smart/sign-in.ts';
import { type Language, languageOf } from './text.ts';

export interface Opened {
  readonly app: App;
  readonly keep: Keep;
  readonly language: Language;
  /** The query as the page was opened with it. */
  readonly query: URLSearchParams;
}

/** @param name of the page below `/app/`; `<name>-app` is its client_id unless the address names another */
export function openPage(name: string, wanted: App['wanted']): Opened {
  const query = new URLSearchParams(location.search);
  const keep = createKeep(name, sessionStorage);
  const own = document.querySelector<HTMLMetaElement>('meta[name="fhir-base"]')?.content ?? '';
  const before = keep.get('pending') ?? keep.get('session');
  // On the way back `iss` is the authorization server's name for itself (RFC 9207), not a FHIR base.
  const isBack = query.has('state');
  const asked = isBack ? undefined : (query.get('iss') ?? undefined);
  const iss = (asked ?? before?.iss ?? own).replace(/(?<!\/)\/+$/, '');
  const clientId = (isBack ? undefined : query.get('client_id')) ?? before?.clientId ?? `${name}-app`;
  const launch = isBack ? null : query.get('launch');
  // Opened for another server: what is kept of the one before is none of its business.
  if (asked !== undefined && before !== undefined && before.iss !== iss) keep.drop('session', 'pending', 'view');
  // Under another name of the same server (localhost for 127.0.0.1) nobody would know the way back.
  if (own !== '' && iss === own && new URL(own).origin !== location.origin)
    location.replace(`${new URL(own).origin}${location.pathname}${location.search}${location.hash}`);
  const redirectUri = `${location.origin}${location.pathname}`;
  if (location.search !== '') history.replaceState(null, '', `${location.pathname}${location.hash}`);
  return {
    app: { clientId, redirectUri, iss, wanted, ...(launch === null ? {} : { launch }) },
    keep,
    language: languageOf(query.get('lang'), sessionStorage.getItem('lang'), navigator.languages),
    query,
  };
}

/** The choice holds for this tab. */
export const chooseLanguage = (language: Language): void => sessionStorage.setItem('lang', language);
