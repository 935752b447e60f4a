/** What a page shows while it has nothing to show. */

import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icons";
import type { Loaded } from "./load";

export function Empty({ icon, title, children }: { icon: IconName; title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <span class="empty-icon">
        <Icon name={icon} size={28} />
      </span>
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function Failed({ error, again }: { error: Error; again?: (() => void) | undefined }) {
  return (
    <div class="failed" role="alert">
      <Icon name="warn" />
      <p>{error.message}</p>
      {again && (
        <button type="button" class="button small" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Grey shapes where things will be. */
export function Skeleton({ count = 6, shape = "card" }: { count?: number; shape?: "card" | "row" }) {
  return (
    <div class={shape === "card" ? "grid" : "rows"} role="status" aria-label="Loading">
      {Array.from({ length: count }, (_, index) => (
        <div key={index} class={`skeleton ${shape}`} />
      ))}
    </div>
  );
}

/** Loading, error or content; content stays on screen while it is fetched again. */
export function Shown<T>({
  of,
  shape,
  count,
  children,
}: {
  of: Loaded<T>;
  shape?: "card" | "row";
  count?: number;
  children: (data: T) => ComponentChildren;
}) {
  if (of.data !== null) return <>{children(of.data)}</>;
  if (of.error) return <Failed error={of.error} again={of.reload} />;
  return <Skeleton shape={shape ?? "card"} count={count ?? 6} />;
}
