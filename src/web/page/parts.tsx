/**
 * Small parts of every view: what is under way, what went wrong and the way out of it, a receipt to save.
 * WAI-ARIA: https://www.w3.org/TR/wai-aria-1.2/#status, https://www.w3.org/TR/wai-aria-1.2/#alert
 * @module
 */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Failure } from '../smart/failure.ts';
import { Say, useSpeech } from './speech.tsx';

/** Told to a screen reader when it changes; seen as well. */
export function Busy({ k }: { readonly k: string }) {
  return (
    <p class="busy" role="status">
      <span class="dots" aria-hidden="true" />
      <Say k={k} />
    </p>
  );
}

export function Note({ kind, children }: { readonly kind: 'calm' | 'good' | 'warn'; readonly children: ComponentChildren }) {
  return <div class={`note ${kind}`}>{children}</div>;
}

interface Wrong {
  readonly failure: Failure;
  /** Nothing else is on the page: its heading is the page's. */
  readonly alone: boolean;
  /** Signs in again. */
  readonly onSignIn: () => void;
  /** Tries again what failed. */
  readonly onRetry: () => void;
}

/** A failure, in plain words, with the one button that leads out of it. */
export function Wrong({ failure, alone, onSignIn, onRetry }: Wrong) {
  const { kind, message } = failure;
  const Title = alone ? 'h1' : 'h2';
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [failure]);
  return (
    <section class="note warn" role="alert">
      <Title ref={heading} tabIndex={-1}>
        <Say k={`wrong.${kind}.title`} />
      </Title>
      <p>
        <Say k={`wrong.${kind}`} />
      </p>
      {(kind === 'refused' || kind === 'absent') && message !== '' && (
        <p class="said">
          <Say k="wrong.said" /> <q lang={/^[\x20-\x7e]*$/.test(message) ? 'en' : undefined}>{message}</q>
        </p>
      )}
      {kind === 'expired' || kind === 'cancelled' ? (
        <button type="button" class="main" onClick={onSignIn}>
          <Say k="sign-in" />
        </button>
      ) : (
        <button type="button" class="main" onClick={onRetry}>
          <Say k="retry" />
        </button>
      )}
    </section>
  );
}

/** What this server does not offer: said, not hidden. */
export function Absent() {
  const { t } = useSpeech();
  return <p class="absent">{t('absent')}</p>;
}
