/** Write, choose, see it, make it. */

import { useEffect, useState } from "preact/hooks";
import * as api from "../api/calls";
import type { Avatar, Offer, Voice } from "../api/types";
import { avatars, offer, openCatalogue, usable, voices } from "../catalogue";
import { change, draft } from "../draft";
import { seconds, spoken } from "../format";
import { go } from "../router";
import { nameOf } from "../ui/avatar-card";
import { Icon } from "../ui/icons";
import { useLoad } from "../ui/load";
import { LookPanel, Who } from "../ui/look";
import { Script } from "../ui/script";
import { Stage } from "../ui/stage";
import { Empty, Failed } from "../ui/states";

function Editor({ offered, people, speakers }: { offered: Offer; people: Avatar[]; speakers: Voice[] }) {
  const now = draft.value;
  const ready = usable(people);
  const ava = ready.find((one) => one.name === "Ava");
  const avatar = ready.find((one) => one.id === now.avatar) ?? (ready[0]?.scope === "public" ? (ava ?? ready[0]) : ready[0]);
  const [own, setOwn] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const voice = speakers.find((one) => one.id === (now.voice || own)) ?? speakers.find((one) => one.id === "en-US-heart");

  useEffect(() => {
    if (!avatar) return;
    let wanted = true;
    api.avatar(avatar.id).then(
      (details) => wanted && setOwn(details.voice_id ?? ""),
      () => {},
    );
    return () => {
      wanted = false;
    };
  }, [avatar?.id]);

  const says = now.audio ? now.audio.seconds : spoken(now.text, offered.letters_per_second, now.look.speed);
  const can = Boolean(avatar && (now.audio || now.text.trim()) && now.text.length <= offered.max_text);

  async function make(): Promise<void> {
    if (!avatar || !can || busy) return;
    setBusy(true);
    setProblem("");
    try {
      const made = await api.createVideo({
        avatar_id: avatar.id,
        voice_id: voice?.id ?? "",
        ...(now.audio ? { audio_id: now.audio.id } : { text: now.text }),
        title: now.title,
        settings: now.audio ? { ...now.look, speed: 1 } : now.look,
      });
      change({ title: "" });
      go(`/videos/${made.job_id}`);
    } catch (error) {
      setProblem((error as Error).message);
      setBusy(false);
    }
  }

  if (!avatar) {
    return (
      <Empty icon="people" title="Nobody can speak yet">
        <a class="button primary" href="/avatars/new">
          Make an avatar
        </a>
      </Empty>
    );
  }
  return (
    <div class="create">
      <div class="create-words">
        <h1>
          What should <em>{nameOf(avatar).first}</em> say?
        </h1>
        <Who avatars={people} voices={speakers} avatar={avatar} voice={voice} recorded={now.audio !== null} />
        <Script offer={offered} />
        {problem && (
          <div class="failed" role="alert">
            <Icon name="warn" />
            <p>{problem}</p>
          </div>
        )}
      </div>
      <div class="create-look">
        <Stage avatar={avatar} look={now.look} text={now.text} />
        <LookPanel offer={offered} />
      </div>
      <div class="create-go">
        <button type="button" class="button primary large" disabled={!can || busy} onClick={() => void make()}>
          {busy ? <span class="spinner" /> : <Icon name="spark" />}
          Make the video
          {can && <small>{seconds(says)}</small>}
        </button>
      </div>
    </div>
  );
}

export function Create() {
  const opened = useLoad(openCatalogue);
  useEffect(() => {
    document.title = "New video · Visavis";
  }, []);
  const ready = offer.value && avatars.value && voices.value;
  return (
    <div class="page create-page">
      {ready ? (
        <Editor offered={offer.value!} people={avatars.value!} speakers={voices.value!} />
      ) : opened.error ? (
        <>
          <h1 class="sr">New video</h1>
          <Failed error={opened.error} again={opened.reload} />
        </>
      ) : (
        <div class="create" role="status" aria-label="Loading">
          <div class="skeleton tall" />
          <div class="skeleton tall" />
        </div>
      )}
    </div>
  );
}
