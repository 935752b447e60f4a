/** Seconds of video, day by day. */

import { useEffect, useState } from "preact/hooks";
import * as api from "../api/calls";
import type { Usage } from "../api/types";
import { seconds } from "../format";
import { Choice } from "../ui/fields";
import { useLoad } from "../ui/load";
import { Shown } from "../ui/states";

const SPANS = [
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
];

const day = (date: string) => new Date(`${date}T00:00:00Z`).toLocaleDateString("en", { day: "numeric", month: "short", timeZone: "UTC" });
const length = (value: number) => (value ? seconds(value) : "0 s");

function Bars({ days }: { days: Usage["days"] }) {
  const most = Math.max(60, ...days.map((one) => one.seconds));
  const [at, setAt] = useState(-1);
  const shown = days[at];
  const middle = days[Math.floor(days.length / 2)];
  return (
    <figure class="bars card">
      <figcaption aria-hidden="true">
        {shown ? (
          <>
            <strong>{length(shown.seconds)}</strong> in {shown.videos} {shown.videos === 1 ? "video" : "videos"} on{" "}
            {day(shown.date)}
          </>
        ) : (
          <span class="muted">Seconds of video by day (UTC)</span>
        )}
      </figcaption>
      <div class="bars-plot" aria-hidden="true" onMouseLeave={() => setAt(-1)}>
        {days.map((one, index) => (
          <span key={one.date} class={index === at ? "bar on" : "bar"} onMouseEnter={() => setAt(index)}>
            <i style={{ height: `${one.seconds ? Math.max(2, (one.seconds / most) * 100) : 0}%` }} />
          </span>
        ))}
      </div>
      <div class="bars-axis muted" aria-hidden="true">
        <span>{days[0] && day(days[0].date)}</span>
        <span>{middle && day(middle.date)}</span>
        <span>Today</span>
      </div>
      <table class="sr">
        <caption>Seconds of video by day</caption>
        <thead>
          <tr>
            <th scope="col">Day</th>
            <th scope="col">Seconds</th>
            <th scope="col">Videos</th>
          </tr>
        </thead>
        <tbody>
          {days
            .filter((one) => one.videos)
            .map((one) => (
              <tr key={one.date}>
                <th scope="row">{day(one.date)}</th>
                <td>{one.seconds}</td>
                <td>{one.videos}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </figure>
  );
}

export function UsagePage() {
  const [span, setSpan] = useState("30");
  const usage = useLoad(() => api.usage(Number(span)), [span]);
  useEffect(() => {
    document.title = "Usage · Visavis";
  }, []);
  return (
    <div class="page narrow">
      <header class="page-head">
        <h1>Usage</h1>
        <Choice label="How long back" hidden value={span} options={SPANS} set={setSpan} />
      </header>
      <Shown of={usage} shape="row" count={4}>
        {(data) => {
          const made = data.days.reduce((sum, one) => sum + one.seconds, 0);
          const videos = data.days.reduce((sum, one) => sum + one.videos, 0);
          return (
            <>
              <dl class="facts-row">
                <div>
                  <dt>In these {span} days</dt>
                  <dd>{length(made)}</dd>
                </div>
                <div>
                  <dt>Videos</dt>
                  <dd>{videos}</dd>
                </div>
                <div>
                  <dt>Being made</dt>
                  <dd>{length(data.waiting)}</dd>
                </div>
                <div>
                  <dt>Left</dt>
                  <dd>{data.remaining === null ? "No limit" : length(data.remaining)}</dd>
                </div>
              </dl>
              {data.limit !== null && (
                <progress value={data.used} max={data.limit} aria-label={`${length(data.used)} of ${length(data.limit)} used`} />
              )}
              <Bars days={data.days} />
            </>
          );
        }}
      </Shown>
    </div>
  );
}
