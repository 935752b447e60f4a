/** Short news at the edge of the window, read out by screen readers. */

import { signal } from "@preact/signals";

interface Toast {
  id: number;
  text: string;
  bad: boolean;
}

const toasts = signal<Toast[]>([]);
let next = 0;

export function say(text: string, bad = false): void {
  const id = (next += 1);
  toasts.value = [...toasts.value.slice(-2), { id, text, bad }];
  setTimeout(() => {
    toasts.value = toasts.value.filter((toast) => toast.id !== id);
  }, bad ? 8000 : 4000);
}

/** Say why something did not work. */
export const complain = (problem: unknown) => say(problem instanceof Error ? problem.message : String(problem), true);

/** Copy, and say so. */
export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    say(`${what} copied`);
  } catch {
    say(`Your browser does not let me copy. ${what}: ${text}`, true);
  }
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((toast) => (
        <p key={toast.id} class={toast.bad ? "toast bad" : "toast"}>
          {toast.text}
        </p>
      ))}
    </div>
  );
}
