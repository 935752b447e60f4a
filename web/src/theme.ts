/** Light, dark, or what the system says. */

import { effect, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";
const kept = localStorage.getItem("theme");

export const theme = signal<Theme>(kept === "light" || kept === "dark" ? kept : "system");

effect(() => {
  const root = document.documentElement;
  if (theme.value === "system") {
    root.removeAttribute("data-theme");
    localStorage.removeItem("theme");
    return;
  }
  root.dataset.theme = theme.value;
  localStorage.setItem("theme", theme.value);
});
