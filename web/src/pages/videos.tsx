/** Everything that was made or is being made. */

import { useEffect, useState } from "preact/hooks";
import * as api from "../api/calls";
import type { Video, VideoPage } from "../api/types";
import { avatars, openCatalogue } from "../catalogue";
import { bare, clock, moment, seconds, when } from "../format";
import { Confirm } from "../ui/dialog";
import { Choice } from "../ui/fields";
import { Icon } from "../ui/icons";
import { Empty, Failed, Skeleton } from "../ui/states";
import { complain, say } from "../ui/toast";

export const isActive = (video: Video) => video.status === "pending" || video.status === "processing";

/** A name for people. */
export const titleOf = (video: Video) =>
  video.title || bare(video.text).slice(0, 80) || "From a recording";

const STAGES: Record<string, string> = {
  avatar: "Waiting for the avatar",
  queued: "Waiting for its turn",
  waiting: "Trying once more",
  starting: "Setting the scene",
  loading: "Setting the scene",
  rendering: "Filming",
  rendered: "Last touches",
  joining: "Cutting",
};

/** What happens to a video right now. */
export function stageOf(video: Video): string {
  if (video.position > 0) return `${video.position} before it`;
  const name = video.stage === "rendering" && !video.progress ? "starting" : video.stage;
  return STAGES[name] ?? "Filming";
}

function state(video: Video): string {
  if (video.status === "completed") return when(video.created_at);
  if (video.status === "failed") return video.error?.message ?? "It did not work";
  if (video.status === "cancelled") return "Cancelled";
  return `${stageOf(video)} · about ${seconds(video.estimated_time)} left`;
}

export function VideoCard({ video, changed }: { video: Video; changed: () => void }) {
  const [asking, setAsking] = useState(false);
  const name = titleOf(video);
  const length = video.status === "completed" && video.duration !== null ? clock(video.duration) : "";
  const face = avatars.value?.find((one) => one.uuid === video.avatar_uuid)?.thumbnail_url;
  const act = (work: Promise<unknown>, done: string) => {
    work.then(() => {
      say(done);
      changed();
    }, complain);
  };
  return (
    <article class="card video-card">
      <a class="video-open" href={`/videos/${video.job_id}`} aria-label={`Open ${name}${length && `, ${length}`}`}>
        <span class={`thumb ${video.status}`}>
          {!video.cover_url && face && <img class="thumb-face" src={face} alt="" loading="lazy" decoding="async" />}
          {video.cover_url ? (
            <img src={video.cover_url} alt="" loading="lazy" decoding="async" />
          ) : (
            <Icon name={video.status === "failed" ? "warn" : "film"} size={30} />
          )}
          {video.status === "completed" && (
            <>
              <span class="thumb-play">
                <Icon name="play" size={20} />
              </span>
              {length && <span class="thumb-time">{length}</span>}
            </>
          )}
          {isActive(video) && (
            <progress class="thumb-progress" value={video.progress} max={100} aria-label={`${video.progress} % done`} />
          )}
        </span>
      </a>
      <div class="card-text">
        <h3>{name}</h3>
        <p class={video.status === "failed" ? "bad-text" : "muted"} title={moment(video.created_at)}>
          {state(video)}
        </p>
        {video.expires_at && video.status === "completed" && (
          <p class="muted expiry" title={moment(video.expires_at)}>
            Kept until {new Date(video.expires_at).toLocaleDateString("en", { day: "numeric", month: "short" })}
          </p>
        )}
      </div>
      <div class="card-actions">
        {isActive(video) && (
          <button
            type="button"
            class="button small"
            aria-label={`Cancel ${name}`}
            onClick={() => act(api.cancelVideo(video.job_id), "Cancelled")}
          >
            Cancel
          </button>
        )}
        {(video.status === "failed" || video.status === "cancelled") && (
          <button
            type="button"
            class="button small"
            aria-label={`Retry ${name}`}
            onClick={() => act(api.retryVideo(video.job_id), "Trying again")}
          >
            <Icon name="again" size={16} />
            Retry
          </button>
        )}
        {video.video_url && (
          <a class="icon-button" href={video.video_url} download aria-label={`Download ${name}`}>
            <Icon name="down" size={18} />
          </a>
        )}
        <button type="button" class="icon-button" aria-label={`Delete ${name}`} onClick={() => setAsking(true)}>
          <Icon name="trash" size={18} />
        </button>
      </div>
      {asking && (
        <Confirm
          title="Delete this video?"
          text="It is removed for good, and links to it stop working."
          action="Delete"
          close={() => setAsking(false)}
          act={() => act(api.deleteVideo(video.job_id), "Deleted")}
        />
      )}
    </article>
  );
}

const STATES = [
  { value: "", label: "All" },
  { value: "completed", label: "Ready" },
  { value: "processing", label: "Being made" },
  { value: "failed", label: "Failed" },
];

export function Videos() {
  const [page, setPage] = useState<VideoPage | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [status, setStatus] = useState("");
  const [title, setTitle] = useState("");
  const [round, setRound] = useState(0);
  const again = () => setRound((count) => count + 1);
  const busy = page?.videos.some(isActive) ?? false;

  useEffect(() => {
    document.title = "Videos · Visavis";
    openCatalogue().catch(() => {}); // only for the faces of videos that are being made
  }, []);
  useEffect(() => {
    let wanted = true;
    const timer = setTimeout(
      () => {
        api.videos({ status, title }).then(
          (found) => wanted && (setPage(found), setError(null)),
          (problem: Error) => wanted && setError(problem),
        );
      },
      title ? 200 : 0,
    );
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [status, title, round]);
  useEffect(() => {
    if (!busy) return;
    const timer = setInterval(again, 2000);
    return () => clearInterval(timer);
  }, [busy]);

  async function more(): Promise<void> {
    if (!page?.token) return;
    try {
      const next = await api.videos({ status, title, token: page.token });
      setPage({ ...next, videos: [...page.videos, ...next.videos] });
    } catch (problem) {
      complain(problem);
    }
  }

  return (
    <div class="page">
      <header class="page-head">
        <h1>Videos</h1>
        <a class="button primary" href="/create">
          <Icon name="plus" size={18} />
          New video
        </a>
      </header>
      <div class="filters">
        <Choice label="State" hidden value={status} options={STATES} set={setStatus} />
        <label class="search">
          <span class="sr">Search titles</span>
          <Icon name="search" size={18} />
          <input
            type="search"
            placeholder="Search titles"
            value={title}
            onInput={(event) => setTitle(event.currentTarget.value)}
          />
        </label>
      </div>
      {error && <Failed error={error} again={again} />}
      {!page && !error && <Skeleton />}
      {page && !page.videos.length && (
        <Empty icon="film" title={status || title ? "Nothing like that" : "No videos yet"}>
          <p class="muted">{status || title ? "Try another filter." : "The first takes less than a minute."}</p>
          <a class="button primary" href="/create">
            Make one
          </a>
        </Empty>
      )}
      <ul class="grid">
        {page?.videos.map((video) => (
          <li key={video.job_id}>
            <VideoCard video={video} changed={again} />
          </li>
        ))}
      </ul>
      {page?.token && (
        <button type="button" class="button more-button" onClick={() => void more()}>
          Show more
        </button>
      )}
    </div>
  );
}
