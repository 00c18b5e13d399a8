/**
 * A progress bar for whoever waits at a terminal: shown after one second, gone at the end; a pipe or a log file gets nothing.
 * @module
 */
import type { WriteStream } from 'node:tty';

export interface Progress {
  /** How much is done, and (when it became known only now) of how much. */
  at(done: number, of?: number): void;
  /** Takes the bar away. */
  end(): void;
}

const patienceMs = 1000;
const redrawMs = 100;
const width = 30;

type Screen = Pick<WriteStream, 'isTTY' | 'write'>;

/** @param of the whole, when it is known; else only the count is shown */
export function progress(
  label: string,
  of?: number,
  screen: Screen = process.stderr,
  now: () => number = () => performance.now(),
): Progress {
  const start = now();
  let whole = of;
  let drawn = Number.NEGATIVE_INFINITY;
  const shown = () => drawn > Number.NEGATIVE_INFINITY;
  return {
    at(done, known) {
      whole = known ?? whole;
      const time = now();
      if (!screen.isTTY || time - start < patienceMs || time - drawn < redrawMs) return;
      drawn = time;
      const rate = Math.round(done / ((time - start) / 1000));
      const part = whole === undefined || whole === 0 ? undefined : Math.min(1, done / whole);
      const bar =
        part === undefined
          ? ''
          : `${'█'.repeat(Math.round(part * width)).padEnd(width, '░')} ${String(Math.floor(part * 100)).padStart(3)} % `;
      screen.write(`\r\u001b[K${label} ${bar}${done}${whole === undefined ? '' : ` of ${whole}`}, ${rate}/s`);
    },
    end() {
      if (shown()) screen.write('\r\u001b[K');
    },
  };
}
