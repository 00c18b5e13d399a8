/**
 * One request of a loading client, with patience: a busy server is asked again when it says, a broken connection is not, because nobody knows how far it got.
 * R4: https://hl7.org/fhir/R4/http.html#ops (Prefer: return=minimal)
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Post } from './posts.ts';

export type Outcome = { issue?: { code?: string; details?: { text?: string }; diagnostics?: string; expression?: string[] }[] };
type Answered = { resourceType?: string; entry?: { response?: { status?: string; outcome?: Outcome } }[] };

/** The body of a 2xx answer, or the reason why there is none. */
export type Submitted = { readonly taken: Answered | undefined } | { readonly refused: string };

/** Attempts before a busy server counts as away. */
const attempts = 8;
const longestWaitMs = 30_000;
const requestTimeoutMs = 300_000;

/** What an OperationOutcome says, shortened: the same sentence once, with the first place it is said of. It names elements, never values. */
export function reasonOf(status: string | number, outcome: Outcome | undefined): string {
  const places = new Map<string, string[]>();
  for (const { code, details, diagnostics, expression } of outcome?.issue ?? []) {
    const text = details?.text ?? diagnostics ?? code ?? '';
    places.set(text, [...(places.get(text) ?? []), ...(expression ?? [])]);
  }
  const said = [...places].map(([text, [first, ...more]]) =>
    first === undefined ? text : `${text} (${first}${more.length > 0 ? ` and ${more.length} more` : ''})`,
  );
  return `${status} ${said.slice(0, 3).join(' ')}${said.length > 3 ? ` … and ${said.length - 3} more` : ''}`.trim();
}

/** `Retry-After` in seconds; without it longer and longer. */
function waitMs(retryAfter: string | null, attempt: number): number {
  const seconds = Number(retryAfter ?? Number.NaN);
  return Math.min(longestWaitMs, Number.isFinite(seconds) ? Math.max(200, seconds * 1000) : 200 * 2 ** attempt);
}

async function once(
  post: Post,
  url: string,
  token: string,
): Promise<{ response: Response; body: Answered | undefined } | { refused: string; retry: boolean }> {
  try {
    const response = await fetch(url + (post.path === '' ? '' : '/' + post.path), {
      method: post.method,
      headers: {
        ...post.headers,
        authorization: `Bearer ${token}`,
        'content-type': 'application/fhir+json',
        accept: 'application/fhir+json',
        prefer: 'return=minimal',
      },
      body: post.body as string,
      redirect: 'error',
      signal: AbortSignal.timeout(requestTimeoutMs),
    });
    const text = await response.text();
    return { response, body: text.startsWith('{') ? (JSON.parse(text) as Answered) : undefined };
  } catch (error) {
    // A refused connection never reached the server.
    const retry = (error as { cause?: { code?: string } }).cause?.code === 'ECONNREFUSED';
    return { refused: retry ? 'no server answers' : 'the connection broke before the answer; it may have been taken', retry };
  }
}

/**
 * @param url base URL without a slash at its end
 * @param pause waits so many milliseconds
 * @throws Refusal when there is no token
 */
export async function submit(
  post: Post,
  url: string,
  token: (fresh?: boolean) => Promise<string>,
  pause: (ms: number) => Promise<unknown> = sleep,
): Promise<Submitted> {
  for (let attempt = 0; ; attempt++) {
    const answer = await once(post, url, await token());
    if ('refused' in answer) {
      if (!answer.retry || attempt >= 2) return { refused: answer.refused };
      await pause(500);
      continue;
    }
    const { response, body } = answer;
    if (response.ok) return { taken: body };
    if (response.status === 401 && attempt === 0) await token(true);
    else if ((response.status === 503 || response.status === 429) && attempt < attempts)
      await pause(waitMs(response.headers.get('retry-after'), attempt));
    else return { refused: reasonOf(response.status, body as Outcome | undefined) };
  }
}
