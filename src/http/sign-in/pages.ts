/**
 * The pages of a sign-in as HTML: no script, one stylesheet, phone first. WCAG 2.2 AA: labels, language, contrast, targets of 44 pixels.
 * @module
 */
import { hash } from 'node:crypto';
import type { Asked, Language, Pages, View } from '../../auth/pages.ts';
import { dictionary, type Words } from './words.ts';

const style = `:root{color-scheme:light dark;--ink:#1b2430;--soft:#4d5866;--line:#78838f;--paper:#fbfbf9;--mark:#0f5c52;--on:#fff;--bad:#9b1c1c;--tint:#eef3f1}
@media(prefers-color-scheme:dark){:root{--ink:#e8ebef;--soft:#aab4c0;--line:#7b8794;--paper:#14181d;--mark:#6cc7b7;--on:#10201d;--bad:#ff9d94;--tint:#1d2529}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:17px/1.7 system-ui,"Hiragino Sans","Noto Sans CJK JP","Noto Sans JP",sans-serif}
header,main{max-width:32rem;margin:0 auto;padding:1rem 1.25rem}header{display:flex;justify-content:space-between;align-items:center}header b{letter-spacing:.04em}
h1{font-size:1.5rem;line-height:1.4;text-wrap:balance;word-break:auto-phrase;margin:.5rem 0 1rem}p{margin:.5rem 0 1rem}a{color:var(--mark);display:inline-block;padding:.6rem 0}
label.field{display:block;margin:1rem 0 0;font-weight:600}input[type=text],input[type=password]{display:block;width:100%;min-height:3rem;margin-top:.25rem;padding:.5rem .75rem;font:inherit;color:inherit;background:transparent;border:1px solid var(--line);border-radius:.5rem}
fieldset{border:0;margin:1.25rem 0;padding:0}legend{font-weight:600;padding:0;margin-bottom:.5rem}
label.row{display:flex;gap:.75rem;align-items:flex-start;padding:.65rem .75rem;min-height:2.75rem;border:1px solid var(--line);border-radius:.5rem;margin-bottom:.5rem;background:var(--tint)}
label.row input{flex:none;width:1.25rem;height:1.25rem;margin:.3rem 0 0;accent-color:var(--mark)}small{color:var(--soft);font-size:.9rem}
button{display:block;width:100%;min-height:3rem;margin:.75rem 0;padding:.5rem 1rem;font:inherit;font-weight:600;border-radius:.5rem;border:1px solid var(--mark);background:transparent;color:var(--mark)}
button.go{background:var(--mark);color:var(--on)}button.quiet{border-color:transparent;font-weight:400;text-decoration:underline}
:focus-visible{outline:3px solid var(--mark);outline-offset:2px}.bad{border-left:4px solid var(--bad);padding:.25rem .75rem;color:var(--bad)}.plain{padding:.65rem .75rem;border:1px solid var(--line);border-radius:.5rem;background:var(--tint)}`;

const escaped = (text: string): string => text.replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);

function frame(language: Language, title: string, body: string): string {
  const [other, name] = dictionary[language].other;
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex"><title>${escaped(title)} · Noren</title><style>${style}</style></head>
<body><header><b>Noren</b><a href="?lang=${other}" lang="${other}" hreflang="${other}">${escaped(name)}</a></header><main><h1>${escaped(title)}</h1>${body}</main></body></html>
`;
}

const form = (action: string, body: string): string => `<form method="post" action="${escaped(action)}">${body}</form>`;
const button = (action: string, text: string, look: string): string =>
  `<button name="action" value="${action}" class="${look}">${escaped(text)}</button>`;

function signIn(view: View & { page: 'sign-in' }, language: Language): string {
  const t = dictionary[language];
  const wrong = view.wrong === undefined ? '' : `<p class="bad" role="alert">${escaped(t[view.wrong])}</p>`;
  const cancel = form(view.action, button('deny', t.cancel, 'quiet'));
  const fields = `<label class="field" for="login">${escaped(t.login)}</label><input id="login" name="login" type="text" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="64" required value="${escaped(view.login ?? '')}">
<label class="field" for="password">${escaped(t.password)}</label><input id="password" name="password" type="password" autocomplete="current-password" maxlength="1024" required>`;
  const way = view.elsewhere
    ? form(view.action, button('elsewhere', t.elsewhere, 'go'))
    : form(view.action, `${fields}<p></p>${button('sign-in', t.signIn, 'go')}`);
  return frame(language, t.signIn, `<p>${escaped(t.signInFor(view.app[language]))}</p>${wrong}${way}${cancel}`);
}

/** One scope in plain words. */
function said({ scope, context, type, letters, only }: Asked, t: Words): string {
  if (scope === 'offline_access') return t.offline;
  if (scope === 'online_access') return t.online;
  const what = type === '*' ? t.everything : (t.types[type ?? ''] ?? type ?? '');
  // To read one and to look for several is one thing to who is asked.
  const verbs = [...(letters ?? '')].filter(letter => letter !== 's' || !letters?.includes('r')).map(letter => t.letters[letter]!);
  const all = t.joined(verbs, (t.context[context ?? ''] ?? (text => text))(what));
  return only === undefined
    ? all
    : t.only(
        all,
        only.map(([parameter, value]) => `${parameter} ${alternatives(value).join(t.or)}`),
      );
}

/** The alternatives of a value, all of them: a code before its system, in full. */
const alternatives = (value: string): readonly string[] =>
  value.split(/(?<!\\),/).map(one => {
    const bar = one.indexOf('|');
    return bar < 0 ? one : `${one.slice(bar + 1)} (${one.slice(0, bar)})`.trim();
  });

function consent(view: View & { page: 'consent' }, language: Language): string {
  const t = dictionary[language];
  const app = view.app[language];
  let wards = 0;
  const people = view.choices.map(choice => {
    const name = choice.name ?? (choice.self ? t.self : t.ward(++wards));
    const more = [
      ...(choice.self && choice.name !== undefined ? [t.self] : []),
      ...(choice.birthDate === undefined ? [] : [t.born(choice.birthDate)]),
    ].join(' · ');
    return { patient: choice.patient, text: `${escaped(name)}${more === '' ? '' : ` <small>${escaped(more)}</small>`}` };
  });
  const picker =
    people.length > 1
      ? `<fieldset><legend>${escaped(t.who)}</legend>${people.map(({ patient, text }) => `<label class="row"><input type="radio" name="patient" value="${escaped(patient)}" required><span>${text}</span></label>`).join('')}</fieldset>`
      : people.length === 1
        ? `<p class="plain"><small>${escaped(t.of)}</small><br>${people[0]!.text}</p>`
        : '';
  const rows = view.asked.map(
    one =>
      `<label class="row"><input type="checkbox" name="scope" value="${escaped(one.scope)}" checked><span>${escaped(said(one, t))}</span></label>`,
  );
  const account =
    view.login === undefined
      ? ''
      : `<p><small>${escaped(t.signedIn(view.login))}</small></p>${form(view.action, button('other', t.another, 'quiet'))}`;
  return frame(
    language,
    t.consent(app),
    `${form(
      view.action,
      `${picker}<fieldset><legend>${escaped(t.asks(app))}</legend>${view.identity ? `<p class="plain">${escaped(t.identity)}</p>` : ''}${rows.join('')}</fieldset>
<p><small>${escaped(t.untick)}</small></p>${button('agree', t.allow, 'go')}`,
    )}${form(view.action, button('deny', t.deny, ''))}${account}`,
  );
}

function error({ code }: View & { page: 'error' }, language: Language): string {
  const t = dictionary[language];
  return frame(language, t.failed, `<p class="bad" role="alert">${escaped(t.errors[code] ?? t.error)}</p>`);
}

export const pages: Pages = {
  style: `'sha256-${hash('sha256', style, 'base64')}'`,
  render: (view, language) =>
    view.page === 'sign-in' ? signIn(view, language) : view.page === 'consent' ? consent(view, language) : error(view, language),
};
