/**
 * The patient's page: which view is open, what it knows, and what becomes of a failure. Views are in the address (`#object`), so that the browser's back button works.
 * @module
 */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { Frame, Heading } from '../page/frame.tsx';
import { Busy, Wrong } from '../page/parts.tsx';
import { Say, Speaking } from '../page/speech.tsx';
import { chooseLanguage, type Opened } from '../page/start.ts';
import { Failure } from '../smart/failure.ts';
import { createFhir, type Fhir, type Resource } from '../smart/fhir.ts';
import type { Session } from '../smart/session.ts';
import { beginSignIn, finishSignIn, isReturning, signOut } from '../smart/sign-in.ts';
import { asObjection, type Choice, type Objection, objectionOf } from './consent.ts';
import { institutionsIn, isDeceased, loadRecord, type PatientRecord } from './record.ts';
import { en } from './text/en.ts';
import { ja } from './text/ja.ts';
import { Done } from './view/done.tsx';
import { History } from './view/history.tsx';
import { ObjectView } from './view/object.tsx';
import { Overview } from './view/overview.tsx';
import { Start } from './view/start.tsx';

const words = { ja, en };
const views = ['overview', 'object', 'done', 'history'] as const;
type View = (typeof views)[number];

const viewIn = (hash: string): View => views.find(one => `#${one}` === hash) ?? 'overview';
const asFailure = (thrown: unknown): Failure => (thrown instanceof Failure ? thrown : new Failure('away'));

export function App({ app, keep, language: first, query }: Opened) {
  const [language, setLanguage] = useState(first);
  const [fhir, setFhir] = useState<Fhir | undefined>(undefined);
  const [record, setRecord] = useState<PatientRecord | undefined>(undefined);
  const [view, setView] = useState<View>(viewIn(location.hash));
  const [choice, setChoice] = useState<Choice>({ relation: 'self' });
  const [made, setMade] = useState<Objection | undefined>(undefined);
  const [said, setSaid] = useState<string | undefined>(undefined);
  const [failure, setFailure] = useState<Failure | undefined>(undefined);
  const [busy, setBusy] = useState<'starting' | 'leaving' | 'sending' | undefined>('starting');
  const [ended, setEnded] = useState(keep.get('ended') === true);
  /** What to do again when the user says so. */
  const again = useRef<() => void>(() => {});

  const fail = useCallback((thrown: unknown, retry: () => void) => {
    again.current = retry;
    setFailure(asFailure(thrown));
    setBusy(undefined);
  }, []);

  const signIn = useCallback(
    async (anew = false) => {
      setFailure(undefined);
      setBusy('leaving');
      try {
        const draft: Choice = choice;
        keep.set('view', { name: location.hash.slice(1), draft });
        location.assign(await beginSignIn(app, keep, language, anew));
      } catch (error) {
        fail(error, () => void signIn(anew));
      }
    },
    [choice, language],
  );

  const load = useCallback(async (from: Fhir) => {
    setFailure(undefined);
    try {
      const loaded = await loadRecord(from);
      setRecord(loaded);
      // The dead sign in to nothing: it is the family that asks.
      if (isDeceased(loaded.patient)) setChoice(before => (before.relation === 'self' ? { ...before, relation: 'bereaved' } : before));
      setBusy(undefined);
    } catch (error) {
      fail(error, () => void load(from));
    }
  }, []);

  const enter = useCallback((session: Session) => {
    const made = createFhir(session, keep);
    setFhir(made);
    setBusy(undefined);
    setEnded(false);
    if (session.user !== undefined && session.user !== `Patient/${session.patient}`) setChoice({ relation: 'guardian' });
    const before = keep.get('view');
    keep.drop('view');
    if (before !== undefined) {
      if (before.name !== '' && before.name !== 'done') location.hash = before.name;
      const draft = before.draft as Choice | undefined;
      if (draft !== undefined && (draft.institution !== undefined || draft.relation !== 'self')) setChoice(draft);
    }
    if (session.patient !== undefined) void load(made);
  }, []);

  useEffect(() => {
    const follow = () => setView(viewIn(location.hash));
    window.addEventListener('hashchange', follow);
    const kept = keep.get('session');
    if (isReturning(query)) finishSignIn(query, keep).then(enter, error => fail(error, () => void signIn()));
    else if (app.launch !== undefined) void signIn();
    else if (kept !== undefined && kept.iss === app.iss) enter(kept);
    else setBusy(undefined);
    return () => window.removeEventListener('hashchange', follow);
  }, []);

  const go = (next: string) => {
    setSaid(undefined);
    setFailure(undefined);
    location.hash = next;
  };

  const send = async (asked: Promise<Resource>, then: (objection: Objection | undefined) => void, retry: () => void) => {
    setFailure(undefined);
    setBusy('sending');
    try {
      then(asObjection(await asked));
      await load(fhir!);
    } catch (error) {
      fail(error, retry);
    }
  };
  const accepted = (objection: Objection | undefined) => {
    setMade(objection);
    setChoice({ relation: 'self' });
    location.hash = objection === undefined ? 'history' : 'done';
  };
  const object = (): void => {
    const resource = objectionOf(choice, { reference: `Patient/${fhir!.session().patient}` }, new Date());
    // What had no answer may have arrived all the same: it is looked for before it is sent once more.
    const once = async () =>
      (await loadRecord(fhir!)).objections.find(one => one.made === resource['dateTime'])?.resource ?? fhir!.create(resource);
    const retry = () => void send(once(), accepted, retry);
    void send(fhir!.create(resource), accepted, retry);
  };
  const withdraw = (objection: Objection): void => {
    const { text: _, ...resource } = objection.resource;
    void send(
      fhir!.update({ ...resource, status: 'inactive' } as Resource),
      () => setSaid('withdraw.done'),
      () => withdraw(objection),
    );
  };
  const leave = async () => {
    const session = fhir!.session();
    setFhir(undefined);
    setRecord(undefined);
    setMade(undefined);
    setFailure(undefined);
    setEnded(true);
    history.replaceState(null, '', location.pathname);
    await signOut(session, keep);
  };

  const institutionName = (reference: string | undefined) =>
    record === undefined ? undefined : institutionsIn(record).find(one => one.reference === reference)?.name;
  const onFailure = (thrown: Failure) => fail(thrown, () => setFailure(undefined));

  const content = () => {
    if (busy === 'starting' || (busy === 'leaving' && fhir !== undefined)) return <Busy k="signing-in" />;
    if (fhir === undefined) return <Start ended={ended} busy={busy === 'leaving'} onSignIn={() => void signIn()} />;
    if (fhir.session().patient === undefined) return <Nobody onSignIn={() => void signIn()} />;
    // What the session was for is over: nothing of it is shown until it is known again who is there.
    if (failure?.kind === 'expired') return null;
    if (record === undefined) return failure === undefined ? <Busy k="loading" /> : null;
    if (view === 'object')
      return (
        <ObjectView
          record={record}
          choice={choice}
          onChoice={setChoice}
          busy={busy === 'sending'}
          onConfirm={object}
          onOther={() => void signIn(true)}
          go={go}
        />
      );
    if (view === 'done' && made !== undefined)
      return <Done fhir={fhir} objection={made} institution={institutionName(made.institution)} go={go} onFailure={onFailure} />;
    if (view === 'history' || view === 'done')
      return (
        <History fhir={fhir} record={record} busy={busy === 'sending'} said={said} onWithdraw={withdraw} go={go} onFailure={onFailure} />
      );
    return <Overview fhir={fhir} record={record} go={go} onFailure={onFailure} />;
  };

  const shown = content();
  return (
    <Speaking language={language} words={words[language]}>
      <Frame
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

/** Signed in, but for nobody. */
function Nobody({ onSignIn }: { readonly onSignIn: () => void }) {
  return (
    <>
      <Heading k="wrong.patient.title" view="nobody" />
      <p>
        <Say k="wrong.patient" />
      </p>
      <button type="button" class="main" onClick={onSignIn}>
        <Say k="sign-in" />
      </button>
    </>
  );
}
