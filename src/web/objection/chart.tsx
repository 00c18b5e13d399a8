/**
 * What one institution sent, as a picture: a column for each year, a bar for each kind; and the same numbers as a table behind it.
 * WAI: https://www.w3.org/WAI/tutorials/images/complex/
 * @module
 */
import { useId } from 'preact/hooks';
import { Say, useSpeech } from '../page/speech.tsx';
import { numberOf } from '../page/text.ts';
import { byKind, byYear, cell, columns, type Year } from './bars.ts';
import type { Holding } from './record.ts';

const picture = { width: 340, height: 96 };

export function HoldingChart({ holding }: { readonly holding: Holding }) {
  const { t, language } = useSpeech();
  const id = useId();
  const { counts } = holding;
  const institution = holding.institution.name || t('institution');
  const [years, kinds] = [byYear(counts), byKind(counts)];
  const total = counts.reduce((sum, one) => sum + one.number, 0);
  const bars = columns(
    years.map(one => one.number),
    picture,
  );
  const most = Math.max(1, ...kinds.map(one => one.number));
  const yearSaid = ({ year, andBefore }: Year) =>
    year === undefined ? t('chart.unknown') : t(andBefore ? 'chart.before' : 'chart.year', { year });
  const said = years
    .filter(one => one.number > 0)
    .map(one => t('chart.year.said', { year: yearSaid(one), number: numberOf(one.number, language) }))
    .join(language === 'ja' ? '' : ' ');
  return (
    <section class="holding" aria-labelledby={`${id}-name`}>
      <h3 id={`${id}-name`}>
        <span>{institution}</span> <span class="total">{t('chart.total', { total: numberOf(total, language) })}</span>
      </h3>
      <svg class="years" viewBox={`0 -18 ${picture.width} ${picture.height + 40}`} role="img" aria-labelledby={`${id}-title ${id}-said`}>
        <title id={`${id}-title`}>{t('chart.years', { institution })}</title>
        <desc id={`${id}-said`}>{t('chart.years.said', { institution, total: numberOf(total, language), years: said })}</desc>
        <line x1="0" x2={picture.width} y1={picture.height} y2={picture.height} class="ground" />
        {bars.map(({ x, y, width, height }, i) => (
          <g>
            <rect x={x} y={y} width={width} height={height} rx="2" class="bar" />
            <text x={x + width / 2} y={y - 5} class="value">
              {years[i]!.number > 0 ? numberOf(years[i]!.number, language) : ''}
            </text>
            <text x={x + width / 2} y={picture.height + 16} class="year">
              {years[i]!.year === undefined
                ? '?'
                : years[i]!.andBefore
                  ? `–${years[i]!.year}`
                  : years.length > 7
                    ? `’${String(years[i]!.year).slice(2)}`
                    : years[i]!.year}
            </text>
          </g>
        ))}
      </svg>
      <ul class="kinds" aria-label={t('chart.kinds')}>
        {kinds.map(({ kind, number }) => (
          <li>
            <span class="kind">{t(`kind.${kind}`)}</span>
            <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">
              <rect x="0" y="0" width={Math.max(1, (number / most) * 100)} height="10" />
            </svg>
            <span class="number">{numberOf(number, language)}</span>
          </li>
        ))}
      </ul>
      <details>
        <summary>
          <Say k="chart.table" />
        </summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard */}
        <section class="scroll" tabIndex={0} aria-label={t('chart.years', { institution })}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t('chart.kind')}</th>
                {years.map(year => (
                  <th scope="col">{yearSaid(year)}</th>
                ))}
                <th scope="col">{t('chart.sum')}</th>
              </tr>
            </thead>
            <tbody>
              {kinds.map(({ kind, number }) => (
                <tr>
                  <th scope="row">{t(`kind.${kind}`)}</th>
                  {years.map(year => (
                    <td>{numberOf(cell(counts, kind, year), language)}</td>
                  ))}
                  <td>{numberOf(number, language)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </details>
    </section>
  );
}
