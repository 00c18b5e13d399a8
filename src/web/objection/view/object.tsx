/**
 * The objection: what is to stop, who asks, what it does, and one button. Everything is set to what most people want, so that the button is the second tap.
 * @module
 */
import { useState } from 'preact/hooks';
import { Heading } from '../../page/frame.tsx';
import { Note } from '../../page/parts.tsx';
import { Say, useSpeech } from '../../page/speech.tsx';
import { dayOf } from '../../page/text.ts';
import { type Choice, covering, type Kin, kin, type Relation, relations } from '../consent.ts';
import { institutionsIn, nameOf, type PatientRecord } from '../record.ts';

interface ObjectView {
  readonly record: PatientRecord;
  readonly choice: Choice;
  readonly onChoice: (choice: Choice) => void;
  readonly busy: boolean;
  readonly onConfirm: () => void;
  readonly onOther: () => void;
  readonly go: (view: string) => void;
}

export function ObjectView({ record, choice, onChoice, busy, onConfirm, onOther, go }: ObjectView) {
  const { t, language } = useSpeech();
  const [isMissing, setMissing] = useState(false);
  const institutions = institutionsIn(record);
  const covered = covering(record.objections, choice.institution);
  const name = nameOf(record.patient);
  const submit = (event: Event) => {
    event.preventDefault();
    if (choice.relation === 'bereaved' && choice.kin === undefined) {
      setMissing(true);
      document.getElementById('kin')?.focus();
      return;
    }
    onConfirm();
  };
  const withoutInstitution = (): Choice => {
    const { institution: _, institutionName: __, ...rest } = choice;
    return rest;
  };
  return (
    <form onSubmit={submit}>
      <Heading k="object.title" view="object" />
      <p>
        <Say k="object.lead" />
      </p>
      <fieldset>
        <legend>
          <Say k="object.which" />
        </legend>
        <Option
          name="which"
          checked={choice.institution === undefined}
          onPick={() => onChoice(withoutInstitution())}
          hint="object.all.hint"
        >
          <Say k="object.all" />
        </Option>
        {institutions.map(one => (
          <Option
            name="which"
            checked={choice.institution === one.reference}
            onPick={() => onChoice({ ...choice, institution: one.reference, institutionName: one.name })}
          >
            {one.name || one.reference}
          </Option>
        ))}
      </fieldset>
      <fieldset>
        <legend>
          <Say k="object.who" />
        </legend>
        {relations.map((relation: Relation) => (
          <Option
            name="who"
            checked={choice.relation === relation}
            onPick={() => onChoice({ ...choice, relation })}
            hint={relation === 'self' && name === '' ? 'object.self.hint.unnamed' : `object.${relation}.hint`}
            blanks={{ name }}
          >
            <Say k={`object.${relation}`} />
          </Option>
        ))}
        {choice.relation === 'bereaved' && (
          <p class="field">
            <label for="kin">
              <Say k="object.kin" />
            </label>
            <select
              id="kin"
              value={choice.kin ?? ''}
              aria-invalid={isMissing && choice.kin === undefined}
              aria-describedby="kin-missing"
              onChange={event => onChoice({ ...choice, kin: event.currentTarget.value as Kin })}
            >
              <option value="" disabled>
                —
              </option>
              {kin.map(one => (
                <option value={one}>{t(`kin.${one}`)}</option>
              ))}
            </select>
            <span id="kin-missing" class="missing" role="alert">
              {isMissing && choice.kin === undefined ? t('object.kin.missing') : ''}
            </span>
          </p>
        )}
      </fieldset>
      {covered === undefined ? (
        <>
          <Note kind="calm">
            <h2>
              <Say k="object.effect" />
            </h2>
            <ul>
              {[1, 2, 3, 4].map(n => (
                <li>
                  <Say k={`object.effect.${n}`} />
                </li>
              ))}
            </ul>
          </Note>
          <div class="act stay">
            <button type="submit" class="main" disabled={busy}>
              <Say k={busy ? 'object.sending' : 'object.confirm'} />
            </button>
          </div>
        </>
      ) : (
        <Note kind="good">
          <p role="status">
            <Say k="object.covered" blanks={{ date: dayOf(covered.made, language) }} />
          </p>
          <button type="button" class="plain" onClick={() => go('history')}>
            <Say k="history.link" />
          </button>
        </Note>
      )}
      <p class="ways">
        <button type="button" class="plain" onClick={() => go('overview')}>
          <Say k="back" />
        </button>
        <button type="button" class="plain" onClick={onOther} aria-describedby="other-hint">
          <Say k="object.other" />
        </button>
      </p>
      <p class="small" id="other-hint">
        <Say k="object.other.hint" />
      </p>
    </form>
  );
}

interface Option {
  readonly name: string;
  readonly checked: boolean;
  readonly onPick: () => void;
  readonly hint?: string;
  readonly blanks?: Readonly<Record<string, string>>;
  readonly children: preact.ComponentChildren;
}

function Option({ name, checked, onPick, hint, blanks, children }: Option) {
  return (
    <label class="option">
      <input type="radio" name={name} checked={checked} onChange={onPick} />
      <span>
        {children}
        {hint !== undefined && (
          <span class="small">
            <Say k={hint} blanks={blanks} />
          </span>
        )}
      </span>
    </label>
  );
}
