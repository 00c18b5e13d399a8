/**
 * One scan for each patient: what is recorded, the number, and a confirmation that can be read from two metres away. The number field has the focus whenever it can.
 * @module
 */
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Kin, kin, type Relation, relations } from '../objection/consent.ts';
import { type Receipt, receiptOf, saveReceipt } from '../objection/receipt.ts';
import { Heading } from '../page/frame.tsx';
import { Say, useSpeech } from '../page/speech.tsx';
import { type Language, momentOf } from '../page/text.ts';
import type { Fhir } from '../smart/fhir.ts';
import type { Institution } from './institution.ts';
import { type Channel, channels, masked, patientNumber, type Recipient, recipients, recordNotice } from './notice.ts';
import { deskObjection } from './objection.ts';

interface Work {
  readonly fhir: Fhir;
  readonly institution: Institution;
  /** `url|version` of the notice's text. */
  readonly text: string | undefined;
  readonly onFailure: (thrown: unknown, retry: () => void) => void;
  readonly onDone: () => void;
}

type Mode = 'notice' | 'objection';

interface Recorded {
  readonly mode: Mode;
  /** It was on record before. */
  readonly isAgain: boolean;
  readonly masked: string;
  readonly at: string;
  /** Of an objection: its Consent. */
  readonly consent?: string;
}

const shown = 10;

export function Work({ fhir, institution, text, onFailure, onDone }: Work) {
  const { t, language } = useSpeech();
  const [mode, setMode] = useState<Mode>('notice');
  const [typed, setTyped] = useState('');
  const [isWrong, setWrong] = useState(false);
  const [channel, setChannel] = useState<Channel>('handed-document');
  const [recipient, setRecipient] = useState<Recipient>('patient');
  const [relation, setRelation] = useState<Relation>('self');
  const [which, setWhich] = useState<Kin>('FAMMEMB');
  const [isLimited, setLimited] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [lately, setLately] = useState<readonly Recorded[]>([]);
  const field = useRef<HTMLInputElement>(null);
  const last = lately[0];
  useEffect(() => field.current?.focus(), []);

  const record = async (number: string): Promise<void> => {
    const now = new Date();
    setBusy(true);
    try {
      let consent: string | undefined;
      let isAgain = false;
      if (mode === 'notice') {
        const told = { number, channel, recipient, ...(text === undefined ? {} : { text }) };
        isAgain = (await recordNotice(fhir, told, institution, now)) === 'already';
      } else {
        const said = { number, relation, isLimited, ...(relation === 'bereaved' ? { kin: which } : {}) };
        consent = (await fhir.create(deskObjection(said, institution, now))).id;
      }
      const one = { mode, isAgain, masked: masked(number), at: now.toISOString(), ...(consent === undefined ? {} : { consent }) };
      setLately(before => [one, ...before].slice(0, shown));
      setTyped('');
      // The next in line is another person: what was chosen for this one must not be his.
      setMode('notice');
      setRecipient('patient');
      setRelation('self');
      setLimited(false);
      onDone();
    } catch (error) {
      onFailure(error, () => void record(number));
    }
    setBusy(false);
    field.current?.focus();
  };
  const submit = (event: Event) => {
    event.preventDefault();
    if (isBusy) return;
    const number = patientNumber(typed);
    setWrong(number === undefined);
    if (number === undefined) field.current?.focus();
    else void record(number);
  };

  return (
    <>
      <Heading k="work.title" blanks={{ institution: institution.name }} view="work" />
      <div class="desk">
        <div role="status" class="whole">
          {last !== undefined && (
            <p class={last.mode === 'objection' ? 'big no' : 'big'} key={last.at}>
              <Say k={last.isAgain ? 'notice.again' : `${last.mode}.done`} />
              <span class="digits">{last.masked}</span>
            </p>
          )}
        </div>
        <form onSubmit={submit}>
          <fieldset class="modes">
            <legend>
              <Say k="mode.title" />
            </legend>
            <div class="pair">
              {(['notice', 'objection'] as const).map(one => (
                <Pick key={one} name="mode" checked={mode === one} onPick={() => setMode(one)} k={`mode.${one}`} />
              ))}
            </div>
          </fieldset>
          {mode === 'objection' && (
            <p class="note calm lead">
              <Say k="objection.lead" />
            </p>
          )}
          <p class="field scan">
            <label for="number">
              <Say k="number" />
            </label>
            <input
              id="number"
              ref={field}
              type="text"
              inputMode="numeric"
              autoComplete="off"
              autoCapitalize="off"
              spellcheck={false}
              maxLength={40}
              value={typed}
              aria-invalid={isWrong}
              aria-describedby="number-hint number-wrong"
              onInput={event => {
                setTyped(event.currentTarget.value);
                setWrong(false);
              }}
            />
            <span id="number-hint" class="small">
              <Say k="number.hint" />
            </span>
            <span id="number-wrong" class="missing" role="alert">
              {isWrong ? t('number.wrong') : ''}
            </span>
          </p>
          {mode === 'notice' ? (
            <>
              <Choice legend="channel" name="channel" options={channels} picked={channel} onPick={setChannel} />
              <Choice legend="recipient" name="recipient" options={recipients} picked={recipient} onPick={setRecipient} />
            </>
          ) : (
            <>
              <Choice legend="who" name="who" options={relations} picked={relation} onPick={setRelation} />
              {relation === 'bereaved' && (
                <p class="field">
                  <label for="kin">
                    <Say k="kin" />
                  </label>
                  <select id="kin" value={which} onChange={event => setWhich(event.currentTarget.value as Kin)}>
                    {kin.map(one => (
                      <option value={one} key={one}>
                        {t(`kin.${one}`)}
                      </option>
                    ))}
                  </select>
                </p>
              )}
              <Choice
                legend="scope"
                name="scope"
                options={['all', 'own'] as const}
                picked={isLimited ? 'own' : 'all'}
                onPick={one => setLimited(one === 'own')}
              />
            </>
          )}
          <div class="act stay">
            <button type="submit" class="main" disabled={isBusy}>
              <Say k={isBusy ? 'sending' : `${mode}.record`} />
            </button>
          </div>
        </form>
        <div class="side">
          {last?.consent !== undefined && <Handed key={last.consent} fhir={fhir} consent={last.consent} onFailure={onFailure} />}
          <section aria-labelledby="lately">
            <h2 id="lately">
              <Say k="lately" />
            </h2>
            {lately.length === 0 && (
              <p class="small">
                <Say k="lately.none" />
              </p>
            )}
            <ul class="lately">
              {lately.map(one => (
                <li key={one.at}>
                  <span class="digits">{one.masked}</span>
                  <span>{t(`lately.${one.mode}`)}</span>
                  <span class="small">{momentOf(one.at, language)}</span>
                </li>
              ))}
            </ul>
          </section>
        </div>
      </div>
    </>
  );
}

interface Handed {
  readonly fhir: Fhir;
  readonly consent: string;
  readonly onFailure: (thrown: unknown, retry: () => void) => void;
}

/** The receipt of the last objection, to be handed over the desk. */
function Handed({ fhir, consent, onFailure }: Handed) {
  const { t } = useSpeech();
  const [receipt, setReceipt] = useState<Receipt | 'none' | 'later' | undefined>(undefined);
  useEffect(() => {
    receiptOf(fhir, consent, 'ja').then(
      made => setReceipt(made ?? 'none'),
      () => setReceipt('later'),
    );
  }, []);
  const save = async (wanted: Language): Promise<void> => {
    try {
      const made = await receiptOf(fhir, consent, wanted);
      if (made !== undefined) saveReceipt(made, wanted);
    } catch (error) {
      onFailure(error, () => void save(wanted));
    }
  };
  const number = typeof receipt === 'object' ? receipt.number : consent;
  return (
    <section aria-label={t('objection.done')}>
      <p class="strong">{t('objection.number', { number: receipt === undefined ? '…' : number })}</p>
      {receipt === 'none' ? (
        <p>
          <Say k="objection.no-receipt" />
        </p>
      ) : (
        <p>
          <Say k="objection.receipt" />
        </p>
      )}
      <p class="ways">
        {(typeof receipt === 'object' || receipt === 'later') && (
          <>
            <button type="button" class="plain" onClick={() => void save('ja')}>
              <Say k="objection.save" />
            </button>
            <button type="button" class="plain" onClick={() => void save('en')}>
              <Say k="objection.save.en" />
            </button>
          </>
        )}
        <button type="button" class="plain" onClick={() => window.print()}>
          <Say k="objection.print" />
        </button>
      </p>
    </section>
  );
}

interface Choice<T extends string> {
  /** Key of the legend, and of each option behind a dot. */
  readonly legend: string;
  readonly name: string;
  readonly options: readonly T[];
  readonly picked: T;
  readonly onPick: (one: T) => void;
}

function Choice<T extends string>({ legend, name, options, picked, onPick }: Choice<T>) {
  return (
    <fieldset>
      <legend>
        <Say k={legend} />
      </legend>
      <div class="pair">
        {options.map(one => (
          <Pick key={one} name={name} checked={picked === one} onPick={() => onPick(one)} k={`${legend}.${one}`} />
        ))}
      </div>
    </fieldset>
  );
}

function Pick({
  name,
  checked,
  onPick,
  k,
}: {
  readonly name: string;
  readonly checked: boolean;
  readonly onPick: () => void;
  readonly k: string;
}) {
  return (
    <label class="option">
      <input type="radio" name={name} checked={checked} onChange={onPick} />
      <span>
        <Say k={k} />
      </span>
    </label>
  );
}
