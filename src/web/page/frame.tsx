/**
 * The frame of every page: a noren curtain with the name, the language switch, one main region; and how focus follows a change of view.
 * WCAG: https://www.w3.org/TR/WCAG22/#bypass-blocks, https://www.w3.org/TR/WCAG22/#focus-order
 * @module
 */
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { Say, useSpeech } from './speech.tsx';
import type { Language } from './text.ts';

interface Frame {
  readonly onLanguage: (language: Language) => void;
  /** Beside the language: sign out. */
  readonly tools?: ComponentChildren;
  readonly children: ComponentChildren;
  readonly wide?: boolean;
}

export function Frame({ onLanguage, tools, children, wide }: Frame) {
  const { language, t } = useSpeech();
  const other: Language = language === 'ja' ? 'en' : 'ja';
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        <Say k="frame.skip" />
      </button>
      <header class="curtain">
        <Curtain />
        <div class="bar">
          <p class="name">
            <span class="mon">
              <Mon />
            </span>
            <span>
              <strong>{t('frame.name')}</strong>
              <span class="sub">{t('frame.sub')}</span>
            </span>
          </p>
          <div class="tools">
            {tools}
            <button type="button" class="quiet" lang={other} onClick={() => onLanguage(other)}>
              {t('frame.other')}
            </button>
          </div>
        </div>
      </header>
      <main id="main" tabIndex={-1} class={wide ? 'wide' : undefined}>
        {children}
      </main>
      <footer>
        <p>
          <Say k="frame.foot" />
        </p>
      </footer>
    </>
  );
}

/** The heading of a view: focus goes to it when the view opens, so that it is what a screen reader says next. */
export function Heading({
  k,
  blanks,
  view,
}: {
  readonly k: string;
  readonly blanks?: Readonly<Record<string, string>>;
  readonly view: string;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { t, language } = useSpeech();
  // A change of language is no change of view: focus stays.
  useLayoutEffect(() => {
    window.scrollTo(0, 0);
    if (opened) heading.current?.focus({ preventScroll: true });
    opened = true;
  }, [view]);
  useEffect(() => {
    document.title = `${t(k, blanks)} · ${t('frame.name')}`;
  }, [k, language]);
  return (
    <h1 ref={heading} tabIndex={-1}>
      <Say k={k} blanks={blanks} />
    </h1>
  );
}

/** The first view of a page is where focus is already. */
let opened = false;

/** The cloths of a shop's curtain, slit from each other: it hangs out while the shop serves. As many as the window is wide. */
function Curtain() {
  return (
    <svg class="cloth" aria-hidden="true" focusable="false">
      <defs>
        <pattern id="cloths" width="168" height="30" patternUnits="userSpaceOnUse">
          <path d="M0 0H84L82.6 25Q61 29 42 26.500T1.400 26Z" class="odd" />
          <path d="M84 0H168L166.600 24Q148 28 126 25.500T85.400 26Z" class="even" />
        </pattern>
      </defs>
      <rect width="100%" height="30" fill="url(#cloths)" />
    </svg>
  );
}

/** The mark: a curtain on its rod in a circle. */
function Mon() {
  return (
    <svg viewBox="0 0 40 40" width="36" height="36" aria-hidden="true" focusable="false">
      <circle cx="20" cy="20" r="18.5" fill="none" stroke="currentColor" stroke-width="2" />
      <path d="M8.5 13h23" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" />
      <path d="M11 14.5h5.4v12.6q-2.7-1.2-5.4 0ZM17.6 14.5h4.9v14q-2.4-1.2-4.9 0ZM23.7 14.5h5.4v12.6q-2.7-1.2-5.4 0Z" fill="currentColor" />
    </svg>
  );
}
