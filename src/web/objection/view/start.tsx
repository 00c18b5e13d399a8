/**
 * Before signing in: what the law does, in four sentences, and the door.
 * @module
 */
import { Heading } from '../../page/frame.tsx';
import { Note } from '../../page/parts.tsx';
import { Say } from '../../page/speech.tsx';

export function Start({ ended, busy, onSignIn }: { readonly ended: boolean; readonly busy: boolean; readonly onSignIn: () => void }) {
  return (
    <>
      {ended && (
        <Note kind="calm">
          <p role="status">
            <Say k="start.ended" />
          </p>
        </Note>
      )}
      <Heading k="start.title" view="start" />
      <ol class="law">
        {[1, 2, 3, 4].map(n => (
          <li>
            <Say k={`start.law.${n}`} />
          </li>
        ))}
      </ol>
      <p>
        <Say k="start.sign" />
      </p>
      <button type="button" class="main" onClick={onSignIn} disabled={busy}>
        <Say k={busy ? 'signing-in' : 'sign-in'} />
      </button>
      <p class="small">
        <Say k="start.paper" />
      </p>
    </>
  );
}
