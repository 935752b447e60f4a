/** Where everybody begins: one click to a first video, later the newest ones. */

import { useEffect, useState } from "preact/hooks";
import * as api from "../api/calls";
import { avatars, openCatalogue, usable } from "../catalogue";
import { plain, SAMPLE } from "../draft";
import { go } from "../router";
import { Portrait } from "../ui/avatar-card";
import { Icon } from "../ui/icons";
import { useLoad } from "../ui/load";
import { Failed, Shown } from "../ui/states";
import { complain } from "../ui/toast";
import { VideoCard } from "./videos";

export function Home() {
  const recent = useLoad(() => api.videos({ limit: "4" }));
  const catalogue = useLoad(openCatalogue);
  const [busy, setBusy] = useState(false);
  const first = recent.data?.total === 0;
  const hosts = usable(avatars.value ?? []).filter((one) => one.scope === "public");
  const host = hosts.find((one) => one.name === "Ava") ?? hosts[0];

  useEffect(() => {
    document.title = "Visavis";
  }, []);

  async function sample(): Promise<void> {
    if (!host || busy) return;
    setBusy(true);
    try {
      const { voice_id } = await api.avatar(host.id);
      const made = await api.createVideo({
        avatar_id: host.id,
        voice_id: voice_id ?? "en-US-heart",
        text: SAMPLE.replace("Ava", host.name),
        title: `${host.name} says hello`,
        settings: { ...plain, background: "studio" },
      });
      go(`/videos/${made.job_id}`);
    } catch (problem) {
      complain(problem);
      setBusy(false);
    }
  }

  return (
    <div class="page home">
      <section class="hero">
        <div class="hero-words">
          <h1>{first ? "Say it, face to face." : "What shall we say today?"}</h1>
          <p>
            Write a few words, choose who says them, and watch a person speak. Everything happens on this machine.
          </p>
          <div class="hero-actions">
            {first ? (
              <>
                <button type="button" class="button primary large" disabled={!host || busy} onClick={() => void sample()}>
                  {busy ? <span class="spinner" /> : <Icon name="play" />}
                  Make a sample video
                </button>
                <a class="button large quiet" href="/create">
                  Write my own
                </a>
              </>
            ) : (
              <>
                <a class="button primary large" href="/create">
                  <Icon name="spark" />
                  New video
                </a>
                <a class="button large quiet" href="/avatars/new">
                  Become an avatar
                </a>
              </>
            )}
          </div>
          {catalogue.error && <Failed error={catalogue.error} again={catalogue.reload} />}
        </div>
        <div class="hero-face" aria-hidden="true">
          {host ? <Portrait avatar={host} live={false} /> : <span class="portrait" />}
        </div>
      </section>
      {!first && (
        <section aria-labelledby="newest">
          <div class="section-head">
            <h2 id="newest">Newest videos</h2>
            <a class="text-link" href="/videos">
              All videos <Icon name="arrow" size={16} />
            </a>
          </div>
          <Shown of={recent} count={4}>
            {(page) => (
              <ul class="grid">
                {page.videos.map((video) => (
                  <li key={video.job_id}>
                    <VideoCard video={video} changed={recent.reload} />
                  </li>
                ))}
              </ul>
            )}
          </Shown>
        </section>
      )}
    </div>
  );
}
