/**
 * A browser without scripts and an app beside it, for tests of the launch: cookies, redirects, forms, PKCE.
 * @module
 */
import { createHash, randomBytes } from 'node:crypto';

export interface Page {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  readonly url: string;
}

/** Follows redirects as long as they stay with the server, and keeps its cookies by path. */
export class Browser {
  readonly cookies = new Map<string, { value: string; path: string }>();
  readonly stays: string;

  constructor(origin: string) {
    this.stays = origin;
  }

  async request(url: string, form?: URLSearchParams, headers: Record<string, string> = {}): Promise<Page> {
    const { pathname } = new URL(url);
    const cookie = [...this.cookies]
      .filter(([, { path }]) => pathname.startsWith(path))
      .map(([key, { value }]) => `${key.split(' ')[0]}=${value}`);
    const response = await fetch(url, {
      redirect: 'manual',
      ...(form === undefined ? {} : { method: 'POST', body: form }),
      headers: { ...headers, ...(cookie.length === 0 ? {} : { cookie: cookie.join('; ') }) },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      const [, path = '/'] = /;\s*path=([^;]*)/i.exec(line) ?? [];
      if (/expires=Thu, 01 Jan 1970/i.test(line)) this.cookies.delete(`${name} ${path}`);
      else this.cookies.set(`${name} ${path}`, { value, path });
    }
    const location = response.headers.get('location');
    if (location === null) return { status: response.status, headers: response.headers, html: await response.text(), url };
    const next = new URL(location, url);
    const app = /^https?:\/\/[^/]+\/app\//.test(next.href);
    if (next.origin === this.stays && !app) return this.request(next.href, undefined, headers);
    return { status: response.status, headers: response.headers, html: '', url: next.href };
  }

  /** Sends the form of a page that holds this action's button, as it stands, with some fields filled in. */
  submit(page: Page, action: string, fields: Record<string, string | readonly string[]> = {}): Promise<Page> {
    const form = page.html.split('<form ').find(part => part.includes(`value="${action}"`));
    if (form === undefined) throw new Error(`There is no ${action} on the page:\n${page.html}`);
    const [, target = ''] = /action="([^"]*)"/.exec(form) ?? [];
    const sent = new URLSearchParams({ action });
    for (const [input] of form.matchAll(/<input [^>]*>/g)) {
      const [, name = ''] = /name="([^"]*)"/.exec(input) ?? [];
      const [, value = ''] = /value="([^"]*)"/.exec(input) ?? [];
      if (name !== '' && !(name in fields) && (!/type="(radio|checkbox)"/.test(input) || / checked/.test(input)))
        sent.append(name, decoded(value));
    }
    for (const [name, values] of Object.entries(fields)) for (const value of [values].flat()) sent.append(name, value);
    return this.request(new URL(target, page.url).href, sent);
  }
}

const decoded = (text: string): string => text.replace(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(Number(code)));

export interface Pkce {
  readonly verifier: string;
  readonly challenge: string;
}
export function pkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}
