/**
 * The front desk's page: sign in once, then one scan for each patient. What was recorded is shown large, and stays in this tab's memory alone.
 * @module
 */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { Frame, Heading } from '../page/frame.tsx';
import { Busy, Note, Wrong } from '../page/parts.tsx';
import { Say, Speaking } from '../page/speech.tsx';
import { chooseLanguage, type Opened } from '../page/start.ts';
import { Failure } from '../smart/failure.ts';
import { createFhir, type Fhir } from '../smart/fhir.ts';
import type { Session } from '../smart/session.ts';
import { beginSignIn, finishSignIn, isReturning, signOut } from '../smart/sign-in.ts';
import { type Institution, institutionsOf, noticeTextOf } from './institution.ts';
import { en } from './text/en.ts';
import { ja } from './text/ja.ts';
import { Work } from './work.tsx';

const words = { ja, en };

export function App({ app, keep, language: first, query }: Opened) {
  const [language, setLanguage] = useState(first);
  const [fhir, setFhir] = useState<Fhir | undefined>(undefined);
  const [institutions, setInstitutions] = useState<readonly Institution[] | undefined>(undefined);
  const [chosen, setChosen] = useState<Institution | undefined>(undefined);
  const [text, setText] = useState<string | undefined>(undefined);
  const [failure, setFailure] = useState<Failure | undefined>(undefined);
  const [busy, setBusy] = useState<'starting' | 'leaving' | undefined>('starting');
  const [ended, setEnded] = useState(keep.get('ended') === true);
  const again = useRef<() => void>(() => {});

  const fail = useCallback((thrown: unknown, retry: () => void) => {
    again.current = retry;
    setFailure(thrown instanceof Failure ? thrown : new Failure('away'));
    setBusy(undefined);
  }, []);

  const signIn = useCallback(async () => {
    setFailure(undefined);
    setBusy('leaving');
    try {
      location.assign(await beginSignIn(app, keep, language));
    } catch (error) {
      fail(error, () => void signIn());
    }
  }, [language]);

  const load = useCallback(async (from: Fhir) => {
    setFailure(undefined);
    try {
      const [found, named] = await Promise.all([institutionsOf(from), noticeTextOf(from)]);
      setText(named);
      setInstitutions(found);
      if (found.length === 1) setChosen(found[0]);
    } catch (error) {
      fail(error, () => void load(from));
    }
  }, []);

  const enter = useCallback((session: Session) => {
    const made = createFhir(session, keep);
    setFhir(made);
    setBusy(undefined);
    setEnded(false);
    void load(made);
  }, []);

  useEffect(() => {
    const kept = keep.get('session');
    if (isReturning(query)) finishSignIn(query, keep).then(enter, error => fail(error, () => void signIn()));
    else if (app.launch !== undefined) void signIn();
    else if (kept !== undefined && kept.iss === app.iss) enter(kept);
    else setBusy(undefined);
  }, []);

  const leave = async () => {
    const session = fhir!.session();
    setFhir(undefined);
    setInstitutions(undefined);
    setChosen(undefined);
    setFailure(undefined);
    setEnded(true);
    await signOut(session, keep);
  };

  const content = () => {
    if (busy === 'starting' || (busy === 'leaving' && fhir !== undefined)) return <Busy k="signing-in" />;
    if (fhir === undefined) return <Start ended={ended} busy={busy === 'leaving'} onSignIn={() => void signIn()} />;
    if (failure?.kind === 'expired') return null;
    if (institutions === undefined) return failure === undefined ? <Busy k="loading" /> : null;
    if (chosen === undefined) return <Choose institutions={institutions} onChosen={setChosen} />;
    return <Work fhir={fhir} institution={chosen} text={text} onFailure={fail} onDone={() => setFailure(undefined)} />;
  };

  const shown = content();
  return (
    <Speaking language={language} words={words[language]}>
      <Frame
        wide
        onLanguage={next => {
          chooseLanguage(next);
          setLanguage(next);
        }}
        tools={
          fhir === undefined ? undefined : (
            <button type="button" class="quiet" onClick={() => void leave()}>
              <Say k="sign-out" />
            </button>
          )
        }
      >
        {failure !== undefined && (
          <Wrong failure={failure} alone={shown === null} onSignIn={() => void signIn()} onRetry={() => again.current()} />
        )}
        {shown}
      </Frame>
    </Speaking>
  );
}

function Start({ ended, busy, onSignIn }: { readonly ended: boolean; readonly busy: boolean; readonly onSignIn: () => void }) {
  return (
    <>
      {ended && (
        <Note kind="calm">
          <p role="status">
            <Say k="start.ended" />
          </p>
        </Note>
      )}
      <Heading k="start.title" view="start" />
      <p>
        <Say k="start.text" />
      </p>
      <p>
        <Say k="start.sign" />
      </p>
      <button type="button" class="main" onClick={onSignIn} disabled={busy}>
        <Say k={busy ? 'signing-in' : 'sign-in'} />
      </button>
    </>
  );
}

/** The server did not say where the user works. */
function Choose({
  institutions,
  onChosen,
}: {
  readonly institutions: readonly Institution[];
  readonly onChosen: (one: Institution) => void;
}) {
  return (
    <>
      <Heading k="work.which" view="choose" />
      {institutions.length === 0 && (
        <p>
          <Say k="work.none" />
        </p>
      )}
      <p class="ways">
        {institutions.map(one => (
          <button type="button" class="plain" key={one.reference} onClick={() => onChosen(one)}>
            {one.name || one.reference}
          </button>
        ))}
      </p>
    </>
  );
}
