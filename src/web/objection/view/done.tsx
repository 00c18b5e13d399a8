/**
 * After the objection: its number, what it covers, and the written receipt in both languages.
 * @module
 */
import { useEffect, useState } from 'preact/hooks';
import { Heading } from '../../page/frame.tsx';
import { Busy, Note } from '../../page/parts.tsx';
import { Say, useSpeech } from '../../page/speech.tsx';
import { type Language, momentOf } from '../../page/text.ts';
import { Failure } from '../../smart/failure.ts';
import type { Fhir } from '../../smart/fhir.ts';
import type { Objection } from '../consent.ts';
import { type Receipt, receiptOf, saveReceipt } from '../receipt.ts';

interface Done {
  readonly fhir: Fhir;
  readonly objection: Objection;
  /** Of the institution that it is limited to. */
  readonly institution: string | undefined;
  readonly go: (view: string) => void;
  readonly onFailure: (failure: Failure) => void;
}

export function Done({ fhir, objection, institution, go, onFailure }: Done) {
  const { t, language } = useSpeech();
  const [receipt, setReceipt] = useState<Receipt | 'none' | 'later' | undefined>(undefined);
  const [isSaved, setSaved] = useState(false);
  useEffect(() => {
    receiptOf(fhir, objection.id, language).then(
      made => setReceipt(made ?? 'none'),
      // The objection stands; only the paper is missing, and can be had later.
      () => setReceipt('later'),
    );
  }, [objection.id]);
  const save = async (wanted: Language) => {
    try {
      const made = await receiptOf(fhir, objection.id, wanted);
      if (made === undefined) return setReceipt('none');
      saveReceipt(made, wanted);
      setSaved(true);
    } catch (error) {
      onFailure(error instanceof Failure ? error : new Failure('away'));
    }
  };
  const other: Language = language === 'ja' ? 'en' : 'ja';
  const number = typeof receipt === 'object' ? receipt.number : objection.id;
  return (
    <>
      <Heading k="done.title" view="done" />
      <Note kind="good">
        <p class="strong">
          {objection.institution === undefined ? (
            <Say k="done.text" />
          ) : (
            <Say k="done.text.one" blanks={{ institution: institution || t('institution') }} />
          )}
        </p>
        <dl class="facts">
          <dt>{t('done.number')}</dt>
          <dd class="number">{receipt === undefined ? '…' : number}</dd>
          <dt>{t('done.when')}</dt>
          <dd>{momentOf(objection.made, language)}</dd>
          <dt>{t('done.which')}</dt>
          <dd>{objection.institution === undefined ? t('history.all') : institution || t('institution')}</dd>
        </dl>
      </Note>
      {receipt === undefined && <Busy k="done.making" />}
      {(receipt === 'none' || receipt === 'later') && (
        <p role="status">
          <Say k={`done.${receipt}`} />
        </p>
      )}
      {typeof receipt === 'object' && (
        <div class="act">
          <button type="button" class="main" onClick={() => void save(language)}>
            <Say k="done.save" />
          </button>
          <button type="button" class="plain" onClick={() => void save(other)}>
            <Say k={`done.save.${other}`} />
          </button>
          <p class="small" role="status">
            {isSaved ? t('done.saved') : ''}
          </p>
        </div>
      )}
      <p class="small">
        <Say k="done.keep" />
      </p>
      <p class="ways">
        <button type="button" class="plain" onClick={() => go('overview')}>
          <Say k="done.overview" />
        </button>
        <button type="button" class="plain" onClick={() => go('history')}>
          <Say k="history.link" />
        </button>
      </p>
    </>
  );
}
