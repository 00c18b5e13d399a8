/**
 * The log: one JSON object a line, on stderr. No value of a request goes into it: of an error its kind and the places in the code, not its message,
 * because messages of libraries repeat what they were given.
 * @module
 */
export type Log = (level: 'info' | 'warn' | 'error', message: string, more?: Readonly<Record<string, unknown>>) => void;

/** @param write takes whole lines */
export const createLog =
  (write: (line: string) => void, now: () => number = Date.now): Log =>
  (level, message, more = {}) =>
    write(JSON.stringify({ time: new Date(now()).toISOString(), level, message, ...more }) + '\n');

/** What of an error may be logged: name, code and stack frames, of its causes too. */
export function traceOf(thrown: unknown, depth = 0): Record<string, unknown> {
  if (!(thrown instanceof Error)) return { error: typeof thrown };
  const { code, cause, message } = thrown as NodeJS.ErrnoException;
  const stack = thrown.stack ?? '';
  // A message may have lines that look like places: what it repeats is somebody's value.
  const places = stack.includes(message) ? stack.slice(stack.indexOf(message) + message.length) : '';
  const frames = places.split('\n').flatMap(line => /^\s+at (.{1,300})$/.exec(line)?.[1] ?? []);
  return {
    error: thrown.constructor.name,
    ...(typeof code === 'string' && /^[A-Z0-9_]{1,64}$/.test(code) ? { code } : {}),
    at: frames.slice(0, 20),
    ...(cause === undefined || depth > 3 ? {} : { cause: traceOf(cause, depth + 1) }),
  };
}
