/** One video: how far it is, and then the moment when it plays. */

import { useEffect, useRef, useState } from "preact/hooks";
import * as api from "../api/calls";
import { ApiError } from "../api/client";
import { LANGUAGES, type Language, program } from "../api/code";
import type { Video } from "../api/types";
import { avatars, openCatalogue } from "../catalogue";
import { change, plain } from "../draft";
import { moment, seconds } from "../format";
import { go } from "../router";
import { Confirm, Dialog } from "../ui/dialog";
import { Choice } from "../ui/fields";
import { Icon } from "../ui/icons";
import { shapeOf } from "../ui/stage";
import { Empty, Failed } from "../ui/states";
import { complain, copy, say } from "../ui/toast";
import { isActive, stageOf, titleOf } from "./videos";

function Progress({ video }: { video: Video }) {
  const percent = video.status === "processing" ? Math.max(3, video.progress) : 1;
  return (
    <div class="ring-box">
      <svg class="ring" viewBox="0 0 120 120" aria-hidden="true">
        <circle cx="60" cy="60" r="54" />
        <circle cx="60" cy="60" r="54" class="ring-done" pathLength={100} style={{ strokeDashoffset: String(100 - percent) }} />
      </svg>
      <div class="ring-words" role="status">
        <strong>{stageOf(video)}</strong>
        <span>about {seconds(video.estimated_time)} left</span>
      </div>
      <progress class="sr" value={percent} max={100} aria-label="Making the video" />
    </div>
  );
}

function Code({ video, close }: { video: Video; close: () => void }) {
  const [language, setLanguage] = useState<Language>("curl");
  const text = program(language, video);
  return (
    <Dialog title="Make this with code" close={close} wide>
      <Choice
        label="Language"
        hidden
        value={language}
        options={LANGUAGES.map((value) => ({ value, label: value }))}
        set={(value) => setLanguage(value as Language)}
      />
      <pre class="code" tabIndex={0} aria-label={`${language} program`}>
        <code>{text}</code>
      </pre>
      <div class="dialog-actions">
        <a class="button" href="/keys">
          Get a key
        </a>
        <button type="button" class="button primary" onClick={() => void copy(text, language)}>
          Copy as {language}
        </button>
      </div>
    </Dialog>
  );
}

function Screen({ video, fresh }: { video: Video; fresh: boolean }) {
  const player = useRef<HTMLVideoElement>(null);
  const [rolling, setRolling] = useState(false);
  const [gone, setGone] = useState(false);
  const captions = video.vtt_url;

  useEffect(() => {
    if (fresh) void player.current?.play().catch(() => {});
  }, [fresh]);

  if (gone) return <Failed error={new Error("The file is gone. Videos are kept for a limited time.")} />;
  return (
    <>
      <video
        ref={player}
        class={rolling || !fresh ? "player shown" : "player"}
        src={video.video_url ?? undefined}
        poster={video.cover_url ?? undefined}
        controls
        playsInline
        preload="auto"
        aria-label={titleOf(video)}
        onLoadedData={() => setRolling(true)}
        onError={() => setGone(true)}
      >
        {captions && <track kind="captions" src={captions} label="Captions" srclang={video.voice_id.slice(0, 2)} />}
      </video>
    </>
  );
}

export function Watch({ id }: { id: string }) {
  const [video, setVideo] = useState<Video | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [fresh, setFresh] = useState(false);
  const [shown, setShown] = useState<"" | "code" | "delete">("");
  const [round, setRound] = useState(0);

  useEffect(() => {
    openCatalogue().catch(() => {});
    const stop = new AbortController();
    let timer = 0;
    let waited = false;
    const look = () => {
      api.video(id, stop.signal).then(
        (found) => {
          setVideo(found);
          setError(null);
          if (isActive(found)) {
            waited = true;
            timer = window.setTimeout(look, 700);
          } else if (waited && found.status === "completed") setFresh(true);
        },
        (problem: Error) => {
          if (problem.name === "AbortError") return;
          setError(problem);
          if (waited) timer = window.setTimeout(look, 3000);
        },
      );
    };
    look();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [id, round]);

  useEffect(() => {
    document.title = video
      ? isActive(video)
        ? `${Math.round(video.progress)} % · Visavis`
        : `${titleOf(video)} · Visavis`
      : "Video · Visavis";
  }, [video]);

  if (!video) {
    return (
      <div class="page">
        <h1 class="sr">Video</h1>
        {error instanceof ApiError && error.status === 404 ? (
          <Empty icon="film" title="This video is not here">
            <p class="muted">It was deleted, or the time it is kept for is over.</p>
            <a class="button" href="/videos">
              All videos
            </a>
          </Empty>
        ) : error ? (
          <Failed error={error} again={() => setRound(round + 1)} />
        ) : (
          <div class="skeleton screen" role="status" aria-label="Loading" />
        )}
      </div>
    );
  }

  const making = isActive(video);
  const face = avatars.value?.find((one) => one.uuid === video.avatar_uuid)?.thumbnail_url;
  const done = video.status === "completed";
  const look = video.settings;

  function again(): void {
    if (!video) return;
    const kept = Object.fromEntries(
      Object.entries(plain).map(([name, usual]) => [name, look[name as keyof typeof plain] ?? usual]),
    );
    change({
      avatar: avatars.value?.find((one) => one.uuid === video.avatar_uuid)?.id ?? "",
      text: video.text,
      voice: video.voice_id,
      title: video.title ?? "",
      audio: look.audio ? { id: look.audio, name: "The same recording", seconds: video.duration ?? 0 } : null,
      look: { ...plain, ...kept, background_id: look.background_asset ?? "" },
    });
    go("/create");
  }

  return (
    <div class={fresh ? "page watch premiere" : "page watch"}>
      <div class="watch-screen" style={{ "--shape": String(shapeOf(look.aspect)) }}>
        {done && <Screen video={video} fresh={fresh} />}
        {making && face && <img class="behind" src={face} alt="" />}
        {making && <Progress video={video} />}
        {!done && !making && (
          <div class="ended">
            <Icon name={video.status === "failed" ? "warn" : "cross"} size={32} />
            <h2>{video.status === "failed" ? "This did not work" : "Cancelled"}</h2>
            {video.status === "failed" && <p>{video.error?.message}</p>}
          </div>
        )}
      </div>
      <div class="watch-below">
        <div class="watch-title">
          <h1>{titleOf(video)}</h1>
          <p class="muted">
            {moment(video.created_at)}
            {done && video.expires_at && ` · kept until ${new Date(video.expires_at).toLocaleDateString("en", { day: "numeric", month: "long" })}`}
          </p>
          {error && <p class="bad-text">{error.message}</p>}
        </div>
        <div class="watch-actions">
          {done && video.video_url && (
            <>
              <a class="button primary" href={video.video_url} download>
                <Icon name="down" size={18} />
                Download
              </a>
              <button type="button" class="button" onClick={() => void copy(new URL(video.video_url!, location.href).href, "Link")}>
                <Icon name="link" size={18} />
                Share link
              </button>
            </>
          )}
          {making && (
            <button
              type="button"
              class="button"
              onClick={() => {
                api.cancelVideo(id).then(() => setRound(round + 1), complain);
              }}
            >
              <Icon name="cross" size={18} />
              Cancel
            </button>
          )}
          {!making && !done && (
            <button
              type="button"
              class="button primary"
              onClick={() => {
                api.retryVideo(id).then((made) => go(`/videos/${made.job_id}`), complain);
              }}
            >
              <Icon name="again" size={18} />
              Try again
            </button>
          )}
          <button type="button" class="button" onClick={again}>
            <Icon name="spark" size={18} />
            Change and remake
          </button>
          <button type="button" class="button" onClick={() => setShown("code")}>
            <Icon name="code" size={18} />
            Copy as code
          </button>
          {!making && (
            <button type="button" class="icon-button" aria-label="Delete this video" onClick={() => setShown("delete")}>
              <Icon name="trash" size={18} />
            </button>
          )}
        </div>
      </div>
      {shown === "code" && <Code video={video} close={() => setShown("")} />}
      {shown === "delete" && (
        <Confirm
          title="Delete this video?"
          text="It is removed for good, and links to it stop working."
          action="Delete"
          close={() => setShown("")}
          act={() => {
            api.deleteVideo(id).then(() => {
              say("Deleted");
              go("/videos");
            }, complain);
          }}
        />
      )}
    </div>
  );
}
