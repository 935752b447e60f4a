/** Paths without a library: one signal, and links that do not reload. */

import { signal } from "@preact/signals";

export const path = signal(location.pathname);
export const query = signal(new URLSearchParams(location.search));

function moved(): void {
  path.value = location.pathname;
  query.value = new URLSearchParams(location.search);
}

/** Go to a page of the studio. */
export function go(to: string, replace = false): void {
  if (to === location.pathname + location.search) return;
  history[replace ? "replaceState" : "pushState"](null, "", to);
  moved();
  scrollTo(0, 0);
  document.getElementById("main")?.focus({ preventScroll: true });
}

addEventListener("popstate", moved);
document.addEventListener("click", (event) => {
  const link = (event.target as Element).closest?.("a[href^='/']");
  if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented || event.button) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || link.target || link.hasAttribute("download")) return;
  if (link.pathname.startsWith("/files") || link.pathname.startsWith("/openapi")) return;
  event.preventDefault();
  go(link.pathname + link.search);
});
