/** The door, for browsers that came without a link. */

import { useEffect, useState } from "preact/hooks";
import * as api from "../api/calls";
import { signedIn } from "../api/client";
import { Mark } from "../ui/icons";
import { useLoad } from "../ui/load";

/** `refused` is why the link that opened this page did not sign anybody in, empty without one. */
export function SignIn({ refused }: { refused: string }) {
  const [key, setKey] = useState("");
  const [wrong, setWrong] = useState("");
  const local = useLoad(api.session).data?.local ?? true;

  useEffect(() => {
    document.title = "Sign in · Visavis";
  }, []);

  async function enter(event: Event): Promise<void> {
    event.preventDefault();
    setWrong("");
    try {
      await api.signIn({ key });
      signedIn.value = true;
    } catch (problem) {
      setWrong((problem as Error).message);
    }
  }

  return (
    <main class="door">
      <Mark size={48} />
      <h1>Welcome to Visavis</h1>
      {refused && (
        <p class="failed refused" role="alert">
          {refused.split("`").map((part, index) => (index % 2 ? <code key={part}>{part}</code> : part))}
        </p>
      )}
      <p class="muted">
        {local
          ? "Open the link that Visavis printed when it started: it signs this browser in."
          : "Sign in with an API key of this installation."}
      </p>
      <form class="door-form" onSubmit={(event) => void enter(event)}>
        <label class="field">
          <span class="label">API key</span>
          <input
            type="password"
            autocomplete="current-password"
            spellcheck={false}
            required
            value={key}
            aria-invalid={Boolean(wrong)}
            aria-describedby={wrong ? "wrong" : undefined}
            placeholder="sk_vis_…"
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </label>
        {wrong && (
          <p id="wrong" class="field-error" role="alert">
            {wrong}
          </p>
        )}
        <button class="button primary large" type="submit">
          Sign in
        </button>
      </form>
      <p class="muted small">
        {local && (
          <>
            A new link: <code>visavis admin link</code>
            <br />
          </>
        )}
        A new key: <code>visavis admin keys create</code>
      </p>
    </main>
  );
}
