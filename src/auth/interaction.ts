/**
 * What a person does between the app's request and its answer: signs in, chooses for whom, says yes or no. Pages without scripts; each step is a form.
 * SMART: https://hl7.org/fhir/smart-app-launch/app-launch.html#obtain-authorization-code; OWASP ASVS 5.0 V6 (authentication), V7 (sessions)
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors, type Interaction, type Provider } from 'oidc-provider';
import type { Account, Accounts } from './accounts.ts';
import type { Client, Clients } from './clients.ts';
import type { Contexts, Launch } from './context.ts';
import { readForm } from './form.ts';
import { isWord, withoutWords } from './launch-scopes.ts';
import { createLimit } from './limit.ts';
import { type Language, languages, type Pages, type View } from './pages.ts';
import { grantLifeSeconds } from './provider.ts';
import { pairsOf } from './scope-query.ts';
import { parseScopes } from './scopes.ts';
import type { Upstream } from './upstream.ts';

/** What a picker may show of a patient to who may act for him; undefined where there is nothing (any more). */
export type Describe = (patient: string) => Promise<{ readonly name?: string; readonly birthDate?: string } | undefined>;

export interface InteractionParts {
  readonly issuer: string;
  readonly provider: Provider;
  readonly clients: Clients;
  readonly accounts: Accounts;
  readonly contexts: Contexts;
  readonly pages: Pages;
  readonly describe: Describe;
  /** Sign-ins are done by an OpenID provider elsewhere: there are no passwords here then. */
  readonly elsewhere?: Upstream | undefined;
  readonly now: () => number;
  readonly addressOf: (request: IncomingMessage) => string;
}

/** What is told to the audit: who, never with which password. */
export interface Told {
  readonly client?: string;
  readonly user?: string;
  readonly patient?: string;
}
export type Tell = (told: Told) => void;

/** Failed sign-ins of one address within a minute. */
const failuresPerMinute = 20;

/** `ja` unless the browser prefers English; `?lang=` and then a cookie win. */
export function languageOf(request: IncomingMessage): Language {
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams.get('lang');
  const [, cookie] = /(?:^|;\s*)noren_lang=(ja|en)(?:;|$)/.exec(request.headers.cookie ?? '') ?? [];
  const preferred = (request.headers['accept-language'] ?? '')
    .split(',')
    .map(part => part.trim().slice(0, 2).toLowerCase())
    .find(tag => languages.some(language => language === tag));
  return languages.find(language => language === query) ?? languages.find(language => language === (cookie ?? preferred)) ?? 'ja';
}

/** Whether this account has any use for this app, in this launch. */
export function fits(account: Account, client: Client, launch: Launch | undefined): boolean {
  if (client.kind === 'patient-app') return account.organization === undefined && account.patients.length > 0;
  return account.organization !== undefined && (launch === undefined || launch.organization === account.organization);
}

export function createInteractions(parts: InteractionParts) {
  const { issuer, provider, clients, accounts, contexts, pages, describe, elsewhere, now, addressOf } = parts;
  const failures = createLimit(failuresPerMinute, now);
  const secure = issuer.startsWith('https:');
  const mount = new URL(issuer).pathname;

  async function show(response: ServerResponse, status: number, view: View, language: Language, redirect?: string): Promise<void> {
    const there = view.page === 'sign-in' ? await elsewhere?.origin().catch(() => undefined) : undefined;
    const targets = [...(redirect === undefined ? [] : [sourceOf(redirect)]), ...(there === undefined ? [] : [there])];
    response.statusCode = status;
    response.setHeader(
      'Content-Security-Policy',
      // A form's answer is a redirect to the app: browsers hold that to form-action too.
      `default-src 'none'; style-src ${pages.style}; form-action ${["'self'", ...targets].join(' ')}; base-uri 'none'; frame-ancestors 'none'`,
    );
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.setHeader('Content-Language', language);
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('Vary', 'Accept-Language, Cookie');
    response.appendHeader('Set-Cookie', `noren_lang=${language}; Path=${mount}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`);
    response.end(pages.render(view, language));
  }

  const nameOf = (client: Client) => {
    const en = client.client_name ?? client.client_id;
    return { en, ja: client['client_name#ja'] ?? en };
  };

  interface Step {
    readonly interaction: Interaction;
    readonly client: Client;
    readonly launch: Launch | undefined;
    readonly account: Account | undefined;
    readonly language: Language;
  }

  const signInView = ({ interaction, client }: Step, more: { login?: string; wrong?: 'refused' | 'unfit' | 'busy' } = {}): View => ({
    page: 'sign-in',
    action: `${mount}/sign-in/${interaction.uid}`,
    app: nameOf(client),
    elsewhere: elsewhere !== undefined,
    ...more,
  });

  /** Patients that this step lets choose from: the launch's own, those of the account, or none. */
  const patientsOf = ({ client, launch, account }: Step): readonly string[] =>
    launch?.patient !== undefined ? [launch.patient] : client.kind === 'patient-app' ? account!.patients : [];

  async function consentView(step: Step): Promise<View> {
    const { interaction, client, launch, account } = step;
    const scope = interaction.params['scope'] ?? '';
    const words = scope.split(' ').filter(isWord);
    const choices = await Promise.all(
      patientsOf(step).map(async patient => ({ patient, self: patient === account!.fhirUser, ...(await describe(patient)) })),
    );
    return {
      page: 'consent',
      action: `${mount}/sign-in/${interaction.uid}`,
      app: nameOf(client),
      ...(account?.login === undefined ? {} : { login: account.login }),
      choices: launch?.patient === undefined ? choices : choices.map(choice => ({ ...choice, self: false })),
      identity: words.includes('openid'),
      asked: [
        ...parseScopes(withoutWords(scope)).known.map(({ text, context, type, letters }) => {
          const mark = text.indexOf('?');
          return { scope: text, context, type, letters, ...(mark < 0 ? {} : { only: pairsOf(text.slice(mark + 1)) ?? [] }) };
        }),
        ...words.filter(word => word === 'offline_access' || word === 'online_access').map(word => ({ scope: word })),
      ],
    };
  }

  async function stepOf(request: IncomingMessage, response: ServerResponse): Promise<Step | undefined> {
    await clients.fresh();
    const interaction = await provider.interactionDetails(request, response).catch(error => {
      if (error instanceof errors.SessionNotFound) return undefined;
      throw error;
    });
    const client = interaction && clients.find(interaction.params['client_id'] ?? '');
    if (interaction === undefined || client === undefined || !client.active) return undefined;
    const handle = interaction.params['launch'];
    const launch = handle === undefined ? undefined : await contexts.launch(handle);
    if (handle !== undefined && launch === undefined) return undefined;
    const found = interaction.session === undefined ? undefined : accounts.find(interaction.session.accountId);
    const account = found?.active && fits(found, client, launch) ? found : undefined;
    return { interaction, client, launch, account, language: languageOf(request) };
  }

  /** The same browser session for another person, so that nothing of the one before is left in it. */
  async function signIn(step: Step, account: Account, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { session } = step.interaction;
    if (session !== undefined && session.accountId !== account.id) {
      const browser = await provider.Session.find(session.cookie);
      if (browser !== undefined) {
        browser.authorizations = undefined;
        browser.loginAccount({ accountId: account.id });
        await browser.persist();
        session.accountId = account.id;
        await step.interaction.persist();
      }
    }
    await provider.interactionFinished(request, response, { login: { accountId: account.id, remember: false } });
  }

  async function signInByPassword(
    step: Step,
    form: URLSearchParams,
    request: IncomingMessage,
    response: ServerResponse,
    tell: Tell,
  ): Promise<void> {
    const [login, password] = [one(form, 'login') ?? '', one(form, 'password') ?? ''];
    const again = (status: number, wrong: 'refused' | 'unfit' | 'busy') =>
      show(response, status, signInView(step, { login, wrong }), step.language, step.interaction.params['redirect_uri']);
    const address = addressOf(request);
    if (!failures.open(address)) {
      response.setHeader('Retry-After', '60');
      return again(429, 'busy');
    }
    failures.refused(address);
    const account = elsewhere === undefined ? await accounts.signIn(login, password) : undefined;
    if (account === undefined) return again(401, 'refused');
    failures.forgive(address);
    tell({ client: step.client.client_id, user: account.fhirUser });
    if (!fits(account, step.client, step.launch)) return again(403, 'unfit');
    await signIn(step, account, request, response);
  }

  async function agree(step: Step, form: URLSearchParams, request: IncomingMessage, response: ServerResponse, tell: Tell): Promise<void> {
    const { interaction, client, launch, account } = step;
    const { scope = '', resource, launch: handle } = interaction.params;
    const choices = patientsOf(step);
    const patient = choices.length === 1 ? choices[0] : choices.find(one => one === form.get('patient'));
    if (choices.length > 0 && patient === undefined)
      return show(response, 400, await consentView(step), step.language, interaction.params['redirect_uri']);
    if (handle !== undefined && !(await contexts.takeUp(handle)))
      return show(response, 400, { page: 'error', code: 'invalid_request' }, step.language);
    const yes = new Set(form.getAll('scope'));
    const all = scope.split(' ');
    // Who one is and with which context are not to be unticked one by one; everything else is.
    const granted = all.filter(text => (isWord(text) && !text.endsWith('line_access')) || yes.has(text));
    const refused = all.filter(text => !granted.includes(text));
    const grant = new provider.Grant({ accountId: account!.id, clientId: client.client_id });
    const identity = (texts: readonly string[]) => texts.filter(text => text === 'openid' || text === 'fhirUser').join(' ');
    if (identity(granted) !== '') grant.addOIDCScope(identity(granted));
    for (const place of [resource ?? []].flat()) {
      grant.addResourceScope(place, granted.join(' '));
      if (refused.length > 0) grant.rejectResourceScope(place, refused.join(' '));
    }
    const grantId = await grant.save();
    const { clientId: _client, organization: _organization, ...context } = launch ?? { clientId: '', organization: '' };
    await contexts.keep(grantId, { ...context, ...(patient === undefined ? {} : { patient }) }, grantLifeSeconds);
    tell({ client: client.client_id, user: account!.fhirUser, ...(patient === undefined ? {} : { patient }) });
    await provider.interactionFinished(request, response, { consent: { grantId } });
  }

  /** Comes back from elsewhere: on to the interaction that it began in, where the browser proves to be the same. */
  async function back(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const uid = await elsewhere?.back(request).catch(() => undefined);
    if (uid === undefined) return show(response, 400, { page: 'error', code: 'expired' }, languageOf(request));
    response.statusCode = 303;
    response.setHeader('Location', `${mount}/sign-in/${uid}`);
    response.end();
  }

  /** `/sign-in/<uid>`, `/sign-in/back` */
  return async (request: IncomingMessage, response: ServerResponse, tell: Tell): Promise<void> => {
    if (elsewhere !== undefined && request.method === 'GET' && /^\/sign-in\/back(\?|$)/.test(request.url ?? ''))
      return back(request, response);
    const step = await stepOf(request, response);
    if (step === undefined) return show(response, 400, { page: 'error', code: 'expired' }, languageOf(request));
    tell({ client: step.client.client_id, ...(step.account === undefined ? {} : { user: step.account.fhirUser }) });
    const redirect = step.interaction.params['redirect_uri'];
    const signedIn = step.interaction.prompt.name === 'consent' && step.account !== undefined;
    if (request.method !== 'POST') {
      const arrived = await elsewhere?.arrived(step.interaction.uid);
      if (arrived !== undefined && fits(arrived, step.client, step.launch)) {
        tell({ user: arrived.fhirUser });
        return signIn(step, arrived, request, response);
      }
      const wrong = step.interaction.prompt.name === 'consent' && step.account === undefined ? ({ wrong: 'unfit' } as const) : {};
      return show(response, 200, signedIn ? await consentView(step) : signInView(step, wrong), step.language, redirect);
    }
    const site = request.headers['sec-fetch-site'];
    const form = await readForm(request);
    if (form === undefined || (site !== undefined && site !== 'same-origin'))
      return show(response, 400, { page: 'error', code: 'invalid_request' }, step.language);
    switch (one(form, 'action')) {
      case 'deny':
        return provider.interactionFinished(request, response, { error: 'access_denied' }, { mergeWithLastSubmission: false });
      case 'other':
        return show(response, 200, signInView(step), step.language, redirect);
      case 'elsewhere':
        if (elsewhere !== undefined) return elsewhere.begin(step.interaction.uid, response);
        break;
      case 'sign-in':
        return signInByPassword(step, form, request, response, tell);
      case 'agree':
        if (signedIn) return agree(step, form, request, response, tell);
        break;
      default:
    }
    return show(response, 400, { page: 'error', code: 'invalid_request' }, step.language);
  };
}

const one = (form: URLSearchParams, name: string): string | undefined => {
  const values = form.getAll(name);
  return values.length === 1 ? values[0] : undefined;
};

/** For form-action: an origin, or the scheme of an app on a phone. */
const sourceOf = (uri: string): string => (/^https?:/.test(uri) ? new URL(uri).origin : new URL(uri).protocol);
