/**
 * Health: alive, and able to take writes. No token, no detail.
 * @module
 */
import { plainReply, type Reply } from './respond.ts';

/** `/health/live`, `/health/ready`: 200 or 503; undefined for another path. */
export function healthReply(path: string, ready: () => boolean): Reply | undefined {
  if (path === '/health/live') return plainReply(200, 'text/plain; charset=utf-8', 'ok\n');
  if (path !== '/health/ready') return undefined;
  return ready()
    ? plainReply(200, 'text/plain; charset=utf-8', 'ok\n')
    : plainReply(503, 'text/plain; charset=utf-8', 'not ready\n', ['retry-after', '1']);
}
