/** The frame around every page: navigation, theme, who is signed in. */

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import * as api from "./api/calls";
import { signedIn } from "./api/client";
import { Create } from "./pages/create";
import { Gallery } from "./pages/gallery";
import { Home } from "./pages/home";
import { Keys } from "./pages/keys";
import { NewAvatar } from "./pages/new-avatar";
import { SignIn } from "./pages/sign-in";
import { UsagePage } from "./pages/usage";
import { Videos } from "./pages/videos";
import { Voices } from "./pages/voices";
import { Watch } from "./pages/watch";
import { Webhooks } from "./pages/webhooks";
import { path } from "./router";
import { type Theme, theme } from "./theme";
import { Icon, type IconName, Mark } from "./ui/icons";
import { Failed } from "./ui/states";
import { complain, Toasts } from "./ui/toast";

interface Place {
  to: string;
  name: string;
  icon: IconName;
}

const making: Place[] = [
  { to: "/create", name: "Create", icon: "spark" },
  { to: "/videos", name: "Videos", icon: "film" },
  { to: "/gallery", name: "Avatars", icon: "people" },
  { to: "/gallery/voices", name: "Voices", icon: "voice" },
  { to: "/live", name: "Live", icon: "live" },
];
const building: Place[] = [
  { to: "/keys", name: "API keys", icon: "key" },
  { to: "/webhooks", name: "Webhooks", icon: "hook" },
  { to: "/usage", name: "Usage", icon: "chart" },
];

function Places({ of, name }: { of: Place[]; name: string }) {
  return (
    <ul class="places" aria-label={name}>
      {of.map(({ to, name: text, icon }) => {
        const here = path.value === to || (to === "/videos" && path.value.startsWith("/videos/"));
        return (
          <li key={to}>
            <a href={to} aria-current={here ? "page" : undefined}>
              <Icon name={icon} />
              <span>{text}</span>
            </a>
          </li>
        );
      })}
    </ul>
  );
}

const themes: [Theme, IconName, string][] = [
  ["system", "screen", "Colours of the system"],
  ["light", "sun", "Light"],
  ["dark", "moon", "Dark"],
];

function ThemeButton() {
  const at = themes.findIndex(([name]) => name === theme.value);
  const [, icon, label] = themes[at] ?? themes[0]!;
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={`Colours: ${label}. Change`}
      title={label}
      onClick={() => {
        theme.value = themes[(at + 1) % themes.length]![0];
      }}
    >
      <Icon name={icon} />
    </button>
  );
}

function Shell({ children }: { children: ComponentChildren }) {
  const [open, setOpen] = useState(false);
  useEffect(() => setOpen(false), [path.value]);
  return (
    <div class="shell">
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header class="side">
        <div class="side-head">
          <a class="brand" href="/" aria-label="Visavis, home">
            <Mark />
            <span>Visavis</span>
          </a>
          <button
            type="button"
            class="icon-button menu-button"
            aria-label="Menu"
            aria-expanded={open}
            aria-controls="menu"
            onClick={() => setOpen(!open)}
          >
            <Icon name={open ? "cross" : "more"} />
          </button>
        </div>
        <nav id="menu" class={open ? "menu open" : "menu"} aria-label="Studio">
          <Places of={making} name="Make" />
          <p class="places-title" aria-hidden="true">
            Developers
          </p>
          <Places of={building} name="Developers" />
          <div class="side-foot">
            <ThemeButton />
            <button
              type="button"
              class="icon-button"
              aria-label="Sign out"
              title="Sign out"
              onClick={() => {
                api.signOut().then(() => (signedIn.value = false), complain);
              }}
            >
              <Icon name="out" />
            </button>
          </div>
        </nav>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

function Page() {
  const at = path.value;
  if (at === "/") return <Home />;
  if (at === "/create") return <Create />;
  if (at === "/gallery") return <Gallery />;
  if (at === "/gallery/voices") return <Voices />;
  if (at === "/avatars/new") return <NewAvatar />;
  if (at === "/videos") return <Videos />;
  if (at === "/keys") return <Keys />;
  if (at === "/webhooks") return <Webhooks />;
  if (at === "/usage") return <UsagePage />;
  if (at === "/live") return <LivePage />;
  const video = /^\/videos\/([\w-]+)$/.exec(at);
  if (video) return <Watch key={video[1]} id={video[1]!} />;
  return (
    <div class="empty">
      <h1>There is no such page</h1>
      <a class="button" href="/">
        Go home
      </a>
    </div>
  );
}

/** The live page brings its own library, so it comes only when asked for. */
function LivePage() {
  const [Live, setLive] = useState<(() => ComponentChildren) | null>(null);
  const [error, setError] = useState<Error | null>(null);
  useEffect(() => {
    import("./pages/live").then(
      (module) => setLive(() => module.Live),
      (problem: Error) => setError(problem),
    );
  }, []);
  if (error) return <Failed error={error} again={() => location.reload()} />;
  return Live ? <Live /> : <div class="skeleton tall" role="status" aria-label="Loading" />;
}

/**
 * Sign in with the link that the server printed, if that is how this page was opened.
 * Gives back why the link did not work, or nothing.
 */
async function arrive(): Promise<string> {
  const given = new URLSearchParams(location.hash.slice(1));
  const linked = given.has("signature");
  if (linked) history.replaceState(null, "", location.pathname);
  const known = (await api.session()).signed_in;
  if (known || !linked) {
    signedIn.value = known;
    return "";
  }
  try {
    await api.signIn({ welcome: { expires: given.get("expires"), signature: given.get("signature") } });
    signedIn.value = true;
    return "";
  } catch (problem) {
    signedIn.value = false;
    return (problem as Error).message;
  }
}

export function App() {
  const [error, setError] = useState<Error | null>(null);
  const [refused, setRefused] = useState("");
  useEffect(() => {
    arrive().then(setRefused, setError);
  }, []);
  if (error) {
    return (
      <div class="door">
        <Mark size={44} />
        <Failed error={error} again={() => location.reload()} />
      </div>
    );
  }
  if (signedIn.value === null) return <div class="door" role="status" aria-label="Loading" />;
  return (
    <>
      {signedIn.value ? (
        <Shell>
          <Page />
        </Shell>
      ) : (
        <SignIn refused={refused} />
      )}
      <Toasts />
    </>
  );
}
