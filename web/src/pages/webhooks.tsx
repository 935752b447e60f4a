/** Who is told when something is ready, and how telling them went. */

import { useEffect, useState } from "preact/hooks";
import * as api from "../api/calls";
import type { Attempt, Delivery, Endpoint } from "../api/types";
import { moment, seconds, when } from "../format";
import { Confirm, Dialog } from "../ui/dialog";
import { Icon } from "../ui/icons";
import { useLoad } from "../ui/load";
import { Empty, Shown } from "../ui/states";
import { complain, copy, say } from "../ui/toast";

function NewEndpoint({ close, made }: { close: () => void; made: () => void }) {
  const [url, setUrl] = useState("");
  const [chosen, setChosen] = useState<string[]>([]);
  const [wrong, setWrong] = useState("");
  const events = useLoad(api.events);

  async function add(event: Event): Promise<void> {
    event.preventDefault();
    setWrong("");
    try {
      await api.addEndpoint(url, chosen);
      made();
      close();
    } catch (problem) {
      setWrong((problem as Error).message);
    }
  }

  return (
    <Dialog title="New receiver" close={close}>
      <form class="stack" onSubmit={(event) => void add(event)}>
        <label class="field">
          <span class="label">Address</span>
          <input
            type="url"
            required
            placeholder="https://example.com/hook"
            value={url}
            aria-invalid={Boolean(wrong)}
            aria-describedby={wrong ? "hook-wrong" : undefined}
            onInput={(event) => setUrl(event.currentTarget.value)}
          />
        </label>
        {wrong && (
          <p id="hook-wrong" class="field-error" role="alert">
            {wrong}
          </p>
        )}
        <fieldset>
          <legend>Tell it about (nothing chosen: everything)</legend>
          <div class="checks-list">
            {events.data?.map((name) => (
              <label key={name} class="tick">
                <input
                  type="checkbox"
                  checked={chosen.includes(name)}
                  onChange={(event) =>
                    setChosen(
                      event.currentTarget.checked ? [...chosen, name] : chosen.filter((other) => other !== name),
                    )
                  }
                />
                <code>{name}</code>
              </label>
            ))}
          </div>
        </fieldset>
        <div class="dialog-actions">
          <button type="button" class="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="button primary">
            Add
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Receiver({ endpoint, changed }: { endpoint: Endpoint; changed: () => void }) {
  const [open, setOpen] = useState(false);
  const [asking, setAsking] = useState(false);
  const host = endpoint.url.replace(/^https?:\/\//, "");
  const id = `secret-${endpoint.endpoint_id}`;
  return (
    <li class="line wrap">
      <div class="line-main">
        <h3 class="breakable">{host}</h3>
        <p class="muted">
          {endpoint.events?.length ? endpoint.events.join(", ") : "Everything"}
          {endpoint.status !== "enabled" && ` · ${endpoint.status}`}
        </p>
      </div>
      <div class="line-buttons">
        <button type="button" class="button small" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
          Secret
        </button>
        <button type="button" class="icon-button" aria-label={`Delete ${host}`} onClick={() => setAsking(true)}>
          <Icon name="trash" size={18} />
        </button>
      </div>
      {open && (
        <div id={id} class="line-below">
          <output class="secret" aria-label="Signing secret">
            {endpoint.secret}
          </output>
          <div class="line-buttons">
            <button type="button" class="button small" onClick={() => void copy(endpoint.secret, "Secret")}>
              Copy
            </button>
            <button
              type="button"
              class="button small"
              onClick={() => {
                api.rotateSecret(endpoint.endpoint_id).then(() => {
                  say("A new secret; the old one signs too for a day");
                  changed();
                }, complain);
              }}
            >
              Rotate
            </button>
          </div>
        </div>
      )}
      {asking && (
        <Confirm
          title="Delete this receiver?"
          text={`Nothing more is told to ${host}.`}
          action="Delete"
          close={() => setAsking(false)}
          act={() => {
            api.deleteEndpoint(endpoint.endpoint_id).then(changed, complain);
          }}
        />
      )}
    </li>
  );
}

function Attempts({ rows }: { rows: Attempt[] }) {
  if (!rows.length) return <p class="muted">Not tried yet.</p>;
  return (
    <ol class="attempts">
      {rows.map((row) => (
        <li key={row.number}>
          <span class={row.error || !row.status_code || row.status_code >= 300 ? "tag bad" : "tag good"}>
            {row.status_code ?? "no answer"}
          </span>
          <span class="muted">
            {moment(row.at)} · {row.seconds < 1 ? `${Math.round(row.seconds * 1000)} ms` : seconds(row.seconds)}
          </span>
          {row.error && <span class="bad-text">{row.error}</span>}
        </li>
      ))}
    </ol>
  );
}

function Told({ delivery, changed }: { delivery: Delivery; changed: () => void }) {
  const [attempts, setAttempts] = useState<Attempt[] | null>(null);
  const state = delivery.delivered_at ? "good" : delivery.status === "pending" ? "" : "bad";
  const id = `attempts-${delivery.delivery_id}`;
  function toggle(): void {
    if (attempts) setAttempts(null);
    else api.attempts(delivery.delivery_id).then(setAttempts, complain);
  }
  return (
    <li class="line wrap">
      <div class="line-main">
        <h3>
          <code>{delivery.event}</code>
        </h3>
        <p class="muted breakable">
          {delivery.url.replace(/^https?:\/\//, "")} · {when(delivery.created_at)}
        </p>
      </div>
      <span class={`tag ${state}`}>
        {delivery.delivered_at ? "Delivered" : delivery.status}
        {delivery.attempts > 1 && ` after ${delivery.attempts}`}
      </span>
      <div class="line-buttons">
        <button type="button" class="button small" aria-expanded={attempts !== null} aria-controls={id} onClick={toggle}>
          Log
        </button>
        <button
          type="button"
          class="button small"
          aria-label={`Replay ${delivery.event}`}
          onClick={() => {
            api.replay(delivery.delivery_id).then(() => {
              say("Told again");
              changed();
            }, complain);
          }}
        >
          <Icon name="again" size={15} />
          Replay
        </button>
      </div>
      {attempts && (
        <div id={id} class="line-below">
          <Attempts rows={attempts} />
        </div>
      )}
    </li>
  );
}

export function Webhooks() {
  const endpoints = useLoad(api.endpoints);
  const deliveries = useLoad(api.deliveries);
  const [adding, setAdding] = useState(false);
  useEffect(() => {
    document.title = "Webhooks · Visavis";
    const timer = setInterval(deliveries.reload, 5000);
    return () => clearInterval(timer);
  }, []);
  return (
    <div class="page narrow">
      <header class="page-head">
        <h1>Webhooks</h1>
        <button type="button" class="button primary" onClick={() => setAdding(true)}>
          <Icon name="plus" size={18} />
          New receiver
        </button>
      </header>
      <p class="muted lead">
        Your servers hear when a video or an avatar is ready. Every message is signed in the way of Standard Webhooks.
      </p>
      <Shown of={endpoints} shape="row" count={2}>
        {(rows) =>
          rows.length ? (
            <ul class="lines card" aria-label="Receivers">
              {rows.map((endpoint) => (
                <Receiver key={endpoint.endpoint_id} endpoint={endpoint} changed={endpoints.reload} />
              ))}
            </ul>
          ) : (
            <Empty icon="hook" title="Nobody is told yet">
              <p class="muted">Add the address of a server of yours.</p>
            </Empty>
          )
        }
      </Shown>
      <section class="below" aria-labelledby="log">
        <h2 id="log">Deliveries</h2>
        <Shown of={deliveries} shape="row" count={3}>
          {(rows) =>
            rows.length ? (
              <ul class="lines card" aria-label="Deliveries">
                {rows.slice(0, 50).map((delivery) => (
                  <Told key={delivery.delivery_id} delivery={delivery} changed={deliveries.reload} />
                ))}
              </ul>
            ) : (
              <p class="muted">Nothing was told yet. Make a video and look again.</p>
            )
          }
        </Shown>
      </section>
      {adding && <NewEndpoint close={() => setAdding(false)} made={endpoints.reload} />}
    </div>
  );
}
