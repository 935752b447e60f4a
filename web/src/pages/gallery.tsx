/** Everybody who can speak. */

import { useEffect, useState } from "preact/hooks";
import * as api from "../api/calls";
import type { Avatar } from "../api/types";
import { avatars, freshAvatars, openCatalogue } from "../catalogue";
import { change } from "../draft";
import { go } from "../router";
import { nameOf, Portrait, stateOf } from "../ui/avatar-card";
import { Confirm } from "../ui/dialog";
import { useAvatarFilter } from "../ui/filters";
import { Icon } from "../ui/icons";
import { useLoad } from "../ui/load";
import { Empty, Failed, Skeleton } from "../ui/states";
import { complain, say } from "../ui/toast";

function Card({ avatar, remove }: { avatar: Avatar; remove: (avatar: Avatar) => void }) {
  const [live, setLive] = useState(false);
  const ready = avatar.status === "ready";
  return (
    <article
      class="card avatar-card"
      onMouseEnter={() => setLive(true)}
      onMouseLeave={() => setLive(false)}
      onFocusCapture={() => setLive(true)}
      onBlurCapture={() => setLive(false)}
    >
      <Portrait avatar={avatar} live={live} />
      <div class="avatar-foot">
        <div class="avatar-words">
          <h3>{nameOf(avatar).first}</h3>
          <p class={avatar.status === "failed" ? "bad-text" : "muted"}>
            {avatar.status === "failed" ? avatar.status_message : stateOf(avatar)}
          </p>
        </div>
        {ready && (
          <button
            type="button"
            class="button small"
            aria-label={`Use ${avatar.name} in a video`}
            onClick={() => {
              change({ avatar: avatar.id, voice: "" });
              go("/create");
            }}
          >
            Use
          </button>
        )}
        {avatar.scope === "private" && (
          <button type="button" class="icon-button" aria-label={`Delete ${avatar.name}`} onClick={() => remove(avatar)}>
            <Icon name="trash" size={18} />
          </button>
        )}
      </div>
    </article>
  );
}

export function Gallery() {
  const opened = useLoad(openCatalogue);
  const [doomed, setDoomed] = useState<Avatar | null>(null);
  const all = avatars.value;
  const { found, shown, bar, more, scope } = useAvatarFilter(all ?? []);
  const making = (all ?? []).some((one) => one.status === "pending" || one.status === "processing");

  useEffect(() => {
    document.title = "Avatars · Visavis";
    freshAvatars().catch(() => {});
  }, []);
  useEffect(() => {
    if (!making) return;
    const timer = setInterval(() => void freshAvatars().catch(() => {}), 2500);
    return () => clearInterval(timer);
  }, [making]);

  async function remove(avatar: Avatar): Promise<void> {
    try {
      await api.deleteAvatar(avatar.id);
      await freshAvatars();
      say(`${avatar.name} is deleted`);
    } catch (problem) {
      complain(problem);
    }
  }

  return (
    <div class="page">
      <header class="page-head">
        <h1>Avatars</h1>
        <a class="button primary" href="/avatars/new">
          <Icon name="plus" size={18} />
          New avatar
        </a>
      </header>
      {all !== null && bar}
      {all === null && (opened.error ? <Failed error={opened.error} again={opened.reload} /> : <Skeleton />)}
      {all !== null && !found.length && (
        <Empty icon="people" title={scope === "private" ? "You have no avatars yet" : "Nobody like that"}>
          <p class="muted">A photo and four seconds of your voice are enough.</p>
          <a class="button" href="/avatars/new">
            Make one
          </a>
        </Empty>
      )}
      <p class="sr" role="status">
        {all !== null && `${found.length} avatars`}
      </p>
      <ul class="grid faces">
        {shown.map((avatar) => (
          <li key={avatar.id}>
            <Card avatar={avatar} remove={setDoomed} />
          </li>
        ))}
      </ul>
      {more}
      {doomed && (
        <Confirm
          title={`Delete ${doomed.name}?`}
          text="The avatar and its voice are removed for good. Videos that were made with it stay."
          action="Delete"
          close={() => setDoomed(null)}
          act={() => void remove(doomed)}
        />
      )}
    </div>
  );
}
