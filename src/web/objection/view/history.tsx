/**
 * Every objection, with its receipt; the ones made here can be withdrawn, after it is said what that does not bring back.
 * @module
 */
import { useEffect, useRef, useState } from 'preact/hooks';
import { Heading } from '../../page/frame.tsx';
import { Note } from '../../page/parts.tsx';
import { Say, useSpeech } from '../../page/speech.tsx';
import { dayOf } from '../../page/text.ts';
import { Failure } from '../../smart/failure.ts';
import type { Fhir } from '../../smart/fhir.ts';
import type { Objection } from '../consent.ts';
import { receiptOf, saveReceipt } from '../receipt.ts';
import { institutionsIn, type PatientRecord } from '../record.ts';

interface History {
  readonly fhir: Fhir;
  readonly record: PatientRecord;
  readonly busy: boolean;
  readonly said: string | undefined;
  readonly onWithdraw: (objection: Objection) => void;
  readonly go: (view: string) => void;
  readonly onFailure: (failure: Failure) => void;
}

export function History({ fhir, record, busy, said, onWithdraw, go, onFailure }: History) {
  const { t, language } = useSpeech();
  const [asked, setAsked] = useState<Objection | undefined>(undefined);
  const [absent, setAbsent] = useState<string | undefined>(undefined);
  const names = institutionsIn(record);
  const save = async (objection: Objection) => {
    try {
      const made = await receiptOf(fhir, objection.id, language);
      if (made === undefined) return setAbsent(objection.id);
      saveReceipt(made, language);
    } catch (error) {
      onFailure(error instanceof Failure ? error : new Failure('away'));
    }
  };
  return (
    <>
      <Heading k="history.title" view="history" />
      <p class="said" role="status">
        {said === undefined ? '' : t(said)}
      </p>
      {record.objections.length === 0 && (
        <p>
          <Say k="history.none" />
        </p>
      )}
      <ul class="cards">
        {record.objections.map(one => {
          const which =
            one.institution === undefined ? t('history.all') : names.find(n => n.reference === one.institution)?.name || t('institution');
          return (
            <li key={one.id}>
              <p class="row">
                <strong>{which}</strong>
                <span class={one.isActive ? 'tag good' : 'tag'}>{t(one.isActive ? 'history.active' : 'history.inactive')}</span>
              </p>
              <p class="small">
                <Say k="history.made" blanks={{ date: dayOf(one.made, language) }} />
                {!one.isActive && (
                  <>
                    <br />
                    <Say k="history.ended" blanks={{ date: dayOf(one.changed, language) }} />
                  </>
                )}
              </p>
              {one.isElsewhere && one.isActive && (
                <p class="small">
                  <Say k="history.elsewhere" />
                </p>
              )}
              {absent === one.id && (
                <p class="small" role="status">
                  <Say k="done.none" /> <Say k="history.number" blanks={{ number: one.id }} />
                </p>
              )}
              {asked?.id === one.id ? (
                <Confirm busy={busy} onYes={() => onWithdraw(one)} onNo={() => setAsked(undefined)} />
              ) : (
                <p class="ways">
                  <button
                    type="button"
                    class="plain"
                    onClick={() => void save(one)}
                    aria-label={`${t('history.receipt')} ${which} ${dayOf(one.made, language)}`}
                  >
                    <Say k="history.receipt" />
                  </button>
                  {one.isActive && !one.isElsewhere && (
                    <button
                      type="button"
                      class="plain"
                      onClick={() => setAsked(one)}
                      aria-label={`${t('history.withdraw')} ${which} ${dayOf(one.made, language)}`}
                    >
                      <Say k="history.withdraw" />
                    </button>
                  )}
                </p>
              )}
            </li>
          );
        })}
      </ul>
      <p class="ways">
        <button type="button" class="plain" onClick={() => go('overview')}>
          <Say k="done.overview" />
        </button>
      </p>
    </>
  );
}

function Confirm({ busy, onYes, onNo }: { readonly busy: boolean; readonly onYes: () => void; readonly onNo: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <Note kind="warn">
      <h2 ref={heading} tabIndex={-1}>
        <Say k="withdraw.title" />
      </h2>
      <ul>
        <li>
          <Say k="withdraw.1" />
        </li>
        <li>
          <Say k="withdraw.2" />
        </li>
      </ul>
      <p class="ways">
        <button type="button" class="main" disabled={busy} onClick={onYes}>
          <Say k={busy ? 'withdraw.sending' : 'withdraw.confirm'} />
        </button>
        <button type="button" class="plain" disabled={busy} onClick={onNo}>
          <Say k="withdraw.cancel" />
        </button>
      </p>
    </Note>
  );
}
