/**
 * The dictionary in a tree of components: `<Say k="…">` shows a text with its readings, `useSpeech` gives it as a string; `lang` of the document follows.
 * WCAG: https://www.w3.org/TR/WCAG22/#language-of-page
 * @module
 */
import { type ComponentChildren, createContext } from 'preact';
import { useContext, useLayoutEffect } from 'preact/hooks';
import { type Language, piecesOf, plainOf } from './text.ts';

export type Dictionary = Readonly<Record<string, string>>;
type Blanks = Readonly<Record<string, string | number>>;

interface Spoken {
  readonly language: Language;
  readonly words: Dictionary;
}

const Speech = createContext<Spoken>({ language: 'ja', words: {} });

export function Speaking({ language, words, children }: Spoken & { readonly children: ComponentChildren }) {
  useLayoutEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return <Speech.Provider value={{ language, words }}>{children}</Speech.Provider>;
}

/** Plain text by its key, and the language it is in. */
export function useSpeech(): {
  readonly language: Language;
  readonly t: (key: string, blanks?: Blanks) => string;
  readonly has: (key: string) => boolean;
} {
  const { language, words } = useContext(Speech);
  return { language, t: (key, blanks) => plainOf(words[key] ?? key, blanks), has: key => key in words };
}

/** A text with readings above its hard words. */
export function Say({ k, blanks }: { readonly k: string; readonly blanks?: Blanks | undefined }) {
  const { words } = useContext(Speech);
  const pieces = piecesOf(words[k] ?? k, blanks);
  return (
    <>
      {pieces.map(piece =>
        piece.reading === undefined ? (
          piece.text
        ) : (
          <ruby>
            {piece.text}
            <rp>（</rp>
            <rt>{piece.reading}</rt>
            <rp>）</rp>
          </ruby>
        ),
      )}
    </>
  );
}
