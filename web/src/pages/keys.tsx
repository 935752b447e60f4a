/** Keys for programs. */

import { useEffect, useState } from "preact/hooks";
import * as api from "../api/calls";
import type { Key } from "../api/types";
import { moment, when } from "../format";
import { Confirm, Dialog } from "../ui/dialog";
import { Select } from "../ui/fields";
import { Icon } from "../ui/icons";
import { useLoad } from "../ui/load";
import { Empty, Shown } from "../ui/states";
import { complain, copy, say } from "../ui/toast";

const LIFES = [
  { value: "", label: "For ever" },
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "365", label: "A year" },
];
const RIGHTS = [
  { value: "read write", label: "Make and look at videos" },
  { value: "read", label: "Only look" },
  { value: "read write admin", label: "Everything, keys as well" },
];

const DIALECTS = ["KonPro", "JoggAI", "Mosaic", "Visavis"];

function NewKey({ close, made }: { close: () => void; made: () => void }) {
  const [name, setName] = useState("");
  const [days, setDays] = useState("");
  const [rights, setRights] = useState("read write");
  const [key, setKey] = useState<Key | null>(null);

  async function create(event: Event): Promise<void> {
    event.preventDefault();
    try {
      const body = { name, scopes: rights.split(" "), expires_in: days ? Number(days) * 86400 : null };
      setKey(await api.createKey(body));
      made();
    } catch (problem) {
      complain(problem);
    }
  }

  if (key?.key) {
    return (
      <Dialog title="Your new key" close={close}>
        <p class="muted">Copy it now. It is shown this once and kept only as a fingerprint.</p>
        <output class="secret" aria-label="API key">
          {key.key}
        </output>
        <div class="dialog-actions">
          <button type="button" class="button" onClick={close}>
            Done
          </button>
          <button type="button" class="button primary" onClick={() => void copy(key.key!, "Key")}>
            Copy
          </button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title="New key" close={close}>
      <form class="stack" onSubmit={(event) => void create(event)}>
        <label class="field">
          <span class="label">What is it for?</span>
          <input
            required
            maxLength={200}
            placeholder="Website"
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <Select label="What it may do" value={rights} options={RIGHTS} set={setRights} />
        <Select label="How long it works" value={days} options={LIFES} set={setDays} />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="button primary">
            Create key
          </button>
        </div>
      </form>
    </Dialog>
  );
}

export function Keys() {
  const keys = useLoad(api.keys);
  const [making, setMaking] = useState(false);
  const [doomed, setDoomed] = useState<Key | null>(null);
  useEffect(() => {
    document.title = "API keys · Visavis";
  }, []);
  return (
    <div class="page narrow">
      <header class="page-head">
        <h1>API keys</h1>
        <button type="button" class="button primary" onClick={() => setMaking(true)}>
          <Icon name="plus" size={18} />
          New key
        </button>
      </header>
      <p class="muted lead">
        Programs show a key in the header <code>x-api-key</code>. The API speaks several dialects:{" "}
        {DIALECTS.map((name, index) => (
          <span key={name}>
            {index > 0 && ", "}
            <a href={`/openapi/${name.toLowerCase()}.json`} target="_blank" rel="noreferrer">
              {name}
            </a>
          </span>
        ))}
        .
      </p>
      <Shown of={keys} shape="row" count={3}>
        {(rows) =>
          rows.length ? (
            <ul class="lines card">
              {[...rows].sort((a, b) => Number(b.is_active) - Number(a.is_active)).map((key) => (
                <li key={key.id} class={key.is_active ? "line" : "line off"}>
                  <div class="line-main">
                    <h2>{key.name}</h2>
                    <p class="muted">
                      <code>{key.prefix}…</code> · {key.scopes.join(", ")}
                    </p>
                  </div>
                  <p class="muted line-fact">
                    {key.last_used_at ? `Used ${when(key.last_used_at)}` : "Never used"}
                    <br />
                    {!key.is_active
                      ? "Does not work any more"
                      : key.expires_at
                        ? <span title={moment(key.expires_at)}>Ends {when(key.expires_at)}</span>
                        : "Works for ever"}
                  </p>
                  {key.is_active ? (
                    <button type="button" class="button small" aria-label={`Revoke ${key.name}`} onClick={() => setDoomed(key)}>
                      Revoke
                    </button>
                  ) : (
                    <span class="tag">Ended</span>
                  )}
                </li>
              ))}
            </ul>
          ) : (
            <Empty icon="key" title="No keys yet">
              <p class="muted">Make one for your first program.</p>
            </Empty>
          )
        }
      </Shown>
      {making && <NewKey close={() => setMaking(false)} made={keys.reload} />}
      {doomed && (
        <Confirm
          title={`Revoke ${doomed.name}?`}
          text="Programs that use it are refused from this moment on. This cannot be undone."
          action="Revoke"
          close={() => setDoomed(null)}
          act={() => {
            api.revokeKey(doomed.id).then(() => {
              say(`${doomed.name} is revoked`);
              keys.reload();
            }, complain);
          }}
        />
      )}
    </div>
  );
}
