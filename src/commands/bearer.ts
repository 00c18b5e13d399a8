/**
 * A client's access token, fetched when it is needed and again before it ends; several who ask at once get the same one.
 * @module
 */
import { fetchToken, type TokenRequest } from './token.ts';

/** Before its end a token is fetched anew. */
const marginMs = 20_000;

/** @returns the token; `fresh` asks for a new one, after a 401 */
export function bearer(request: TokenRequest, now: () => number = Date.now): (fresh?: boolean) => Promise<string> {
  let current: Promise<{ token: string; expiresAt: number }> | undefined;
  let expiresAt = 0;
  return async (fresh = false) => {
    if (current === undefined || fresh || now() > expiresAt - marginMs) {
      expiresAt = Number.POSITIVE_INFINITY;
      current = fetchToken(request);
    }
    try {
      const { token, expiresAt: end } = await current;
      expiresAt = end;
      return token;
    } catch (error) {
      current = undefined;
      throw error;
    }
  };
}
