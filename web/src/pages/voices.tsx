/** Everybody who can be heard. */

import { useEffect } from "preact/hooks";
import type { Voice } from "../api/types";
import { openCatalogue, tongue, voices } from "../catalogue";
import { change } from "../draft";
import { go } from "../router";
import { useLoad } from "../ui/load";
import { useVoiceFilter } from "../ui/filters";
import { PlaySample } from "../ui/pickers";
import { hush } from "../ui/sound";
import { Empty, Failed, Skeleton } from "../ui/states";

function List({ all }: { all: Voice[] }) {
  const { found, bar } = useVoiceFilter(all);
  return (
    <>
      {bar}
      <p class="sr" role="status">
        {found.length} voices
      </p>
      {found.length ? (
        <ul class="voice-grid">
          {found.map((voice) => (
            <li key={voice.id} class="voice card">
              <PlaySample voice={voice} />
              <div class="voice-name">
                <h3>{voice.name}</h3>
                <small class="muted">
                  {tongue(voice)} · {voice.is_public ? voice.gender : "yours"}
                </small>
              </div>
              <button
                type="button"
                class="button small"
                aria-label={`Use ${voice.name} in a video`}
                onClick={() => {
                  change({ voice: voice.id });
                  go("/create");
                }}
              >
                Use
              </button>
            </li>
          ))}
        </ul>
      ) : (
        <Empty icon="voice" title="No voice like that">
          <p class="muted">Try another language or a shorter search.</p>
        </Empty>
      )}
    </>
  );
}

export function Voices() {
  const opened = useLoad(openCatalogue);
  useEffect(() => {
    document.title = "Voices · Visavis";
    return hush;
  }, []);
  return (
    <div class="page">
      <header class="page-head">
        <h1>Voices</h1>
      </header>
      {voices.value ? (
        <List all={voices.value} />
      ) : opened.error ? (
        <Failed error={opened.error} again={opened.reload} />
      ) : (
        <Skeleton shape="row" count={9} />
      )}
    </div>
  );
}
