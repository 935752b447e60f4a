/** The door, for browsers that came without a link. */

import { useEffect, useState } from "preact/hooks";
import * as api from "../api/calls";
import { signedIn } from "../api/client";
import { Mark } from "../ui/icons";
import { useLoad } from "../ui/load";

export function SignIn({ done }: { done: () => void }) {
  const [key, setKey] = useState("");
  const [wrong, setWrong] = useState("");
  const state = useLoad(api.session);

  useEffect(() => {
    document.title = "Sign in · Visavis";
  }, []);

  async function enter(event: Event): Promise<void> {
    event.preventDefault();
    setWrong("");
    try {
      await api.signIn({ key });
      signedIn.value = true;
      done();
    } catch (problem) {
      setWrong((problem as Error).message);
    }
  }

  return (
    <main class="door">
      <Mark size={48} />
      <h1>Welcome to Visavis</h1>
      <p class="muted">
        {state.data?.local === false
          ? "Sign in with an API key of this installation."
          : "Open the link that the server printed when it started, or sign in with an API key."}
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
        A new key: <code>visavis admin keys create</code>
      </p>
    </main>
  );
}
