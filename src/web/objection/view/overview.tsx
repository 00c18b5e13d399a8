/**
 * What is on record about the patient: whether he has objected, what institutions sent, in which studies it took part, which notices he was given.
 * @module
 */
import { useState } from 'preact/hooks';
import { Heading } from '../../page/frame.tsx';
import { Absent, Busy, Note } from '../../page/parts.tsx';
import { Say, useSpeech } from '../../page/speech.tsx';
import { dayOf } from '../../page/text.ts';
import { Failure } from '../../smart/failure.ts';
import type { Fhir, Resource } from '../../smart/fhir.ts';
import { HoldingChart } from '../chart.tsx';
import { noticeTextIn, readNoticeText } from '../notice-text.ts';
import { institutionsIn, type Notice, nameOf, type PatientRecord } from '../record.ts';

interface Overview {
  readonly fhir: Fhir;
  readonly record: PatientRecord;
  readonly go: (view: string) => void;
  readonly onFailure: (failure: Failure) => void;
}

export function Overview({ fhir, record, go, onFailure }: Overview) {
  const { t, language } = useSpeech();
  const { patient, objections, holdings, releases, notices } = record;
  const active = objections.filter(one => one.isActive);
  const isGeneral = active.some(one => one.institution === undefined);
  const isErased = patient === undefined && objections.length > 0;
  const name = nameOf(patient);
  const nameOfInstitution = (reference: string) =>
    institutionsIn(record).find(one => one.reference === reference)?.name || t('institution');
  const statement = releases?.statement[language];
  return (
    <>
      <Heading k="overview.title" view="overview" />
      {name !== '' && (
        <p class="for">
          <Say k="overview.for" blanks={{ name }} />
        </p>
      )}
      {active.length > 0 && (
        <Note kind="good">
          <h2>
            <Say k="overview.objected" />
          </h2>
          {active.map(one => (
            <p>
              {one.institution === undefined ? (
                <Say k="overview.objected.all" blanks={{ date: dayOf(one.made, language) }} />
              ) : (
                <Say
                  k="overview.objected.one"
                  blanks={{ date: dayOf(one.made, language), institution: nameOfInstitution(one.institution) }}
                />
              )}
            </p>
          ))}
        </Note>
      )}
      {isErased && (
        <Note kind="calm">
          <h2>
            <Say k="overview.erased" />
          </h2>
          <p>
            <Say k="overview.erased.text" />
          </p>
        </Note>
      )}
      {!isGeneral && (
        <div class="act">
          <button type="button" class="main" onClick={() => go('object')}>
            <Say k={active.length > 0 ? 'overview.object.more' : 'overview.object'} />
          </button>
          <p class="small">
            <Say k="overview.object.hint" />
          </p>
        </div>
      )}
      {objections.length > 0 && (
        <p>
          <button type="button" class="plain" onClick={() => go('history')}>
            <Say k="overview.objected.more" />
          </button>
        </p>
      )}
      <section aria-labelledby="holdings">
        <h2 id="holdings">
          <Say k="overview.holdings" />
        </h2>
        {holdings === undefined ? (
          <Absent />
        ) : !mayCount(fhir.session().scope) ? (
          // Without leave to see all records not all are counted: a number would say less than is there.
          <p>
            <Say k="overview.holdings.unpermitted" />
          </p>
        ) : holdings.length === 0 ? (
          <p>
            <Say k="overview.holdings.none" />
          </p>
        ) : (
          <>
            <p class="small">
              <Say k="overview.holdings.hint" />
            </p>
            {holdings.map(holding => (
              <HoldingChart holding={holding} />
            ))}
          </>
        )}
      </section>
      <section aria-labelledby="releases">
        <h2 id="releases">
          <Say k="overview.releases" />
        </h2>
        {releases === undefined ? (
          <Absent />
        ) : releases.list.length === 0 ? (
          <p>
            <Say k="overview.releases.none" />
          </p>
        ) : (
          <>
            <p class="small">
              <Say k="overview.releases.hint" />
            </p>
            <ul class="cards">
              {releases.list.map(release => (
                <li>
                  <strong>{release.title || t('overview.release.untitled')}</strong>
                  {release.description !== undefined && (
                    <p>
                      <Say k="overview.release.purpose" blanks={{ text: release.description }} />
                    </p>
                  )}
                  <p class="small">
                    {t('overview.release.line', { date: dayOf(release.time, language), kind: t(`overview.release.${release.kind}`) })}
                  </p>
                </li>
              ))}
            </ul>
            {statement !== undefined && <p class="small">{statement}</p>}
          </>
        )}
      </section>
      <section aria-labelledby="notices">
        <h2 id="notices">
          <Say k="overview.notices" />
        </h2>
        {notices === undefined ? (
          <Absent />
        ) : notices.length === 0 ? (
          <p>
            <Say k={isErased ? 'overview.notices.erased' : 'overview.notices.none'} />
          </p>
        ) : (
          <ul class="cards">
            {notices.map(notice => (
              <NoticeCard
                key={notice.id}
                fhir={fhir}
                notice={notice}
                institution={notice.institution.name || nameOfInstitution(notice.institution.reference)}
                onFailure={onFailure}
              />
            ))}
          </ul>
        )}
      </section>
    </>
  );
}

/** A server that does not say what it granted granted what was asked. */
const mayCount = (scope: string): boolean => scope === '' || /(?:^| )patient\/\*\.(?:read|\*|c?r)/.test(scope);

interface NoticeCard {
  readonly fhir: Fhir;
  readonly notice: Notice;
  readonly institution: string;
  readonly onFailure: (failure: Failure) => void;
}

/** A notice, and its text once it is asked for. */
function NoticeCard({ fhir, notice, institution, onFailure }: NoticeCard) {
  const { t, language } = useSpeech();
  const [text, setText] = useState<Resource | 'busy' | 'none' | undefined>(undefined);
  const open = async () => {
    if (text !== undefined || notice.text === undefined) return;
    setText('busy');
    try {
      setText((await readNoticeText(fhir, notice.text)) ?? 'none');
    } catch (error) {
      setText(undefined);
      onFailure(error instanceof Failure ? error : new Failure('away'));
    }
  };
  const told = typeof text === 'object' ? noticeTextIn(text, language) : undefined;
  return (
    <li>
      <strong>{t('overview.notice', { institution, date: dayOf(notice.sent, language) })}</strong>
      {notice.text === undefined ? null : (
        <details onToggle={event => (event.currentTarget.open ? void open() : undefined)}>
          <summary>
            <Say k="overview.notice.read" />
          </summary>
          {text === 'busy' && <Busy k="loading" />}
          {text === 'none' && (
            <p>
              <Say k="overview.notice.untold" />
            </p>
          )}
          {told !== undefined && (
            <>
              <p class="small">
                {told.title} <Say k="overview.notice.version" blanks={{ version: told.version }} />
              </p>
              <ul class="told">
                {told.lines.map(line => (
                  <li>{line}</li>
                ))}
              </ul>
            </>
          )}
        </details>
      )}
    </li>
  );
}
