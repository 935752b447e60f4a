/** Figures in words. */

/** Seconds as people say them. */
export function seconds(value: number): string {
  if (value < 59.5) return `${Math.max(1, Math.round(value))} s`;
  const minutes = Math.floor(Math.round(value) / 60);
  const rest = Math.round(value) % 60;
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return rest ? `${minutes} min ${rest} s` : `${minutes} min`;
}

/** A length as players show it. */
export function clock(value: number): string {
  const whole = Math.round(value);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/** "3 hours ago", "in 5 days". */
export function when(iso: string): string {
  const away = (Date.parse(iso) - Date.now()) / 1000;
  for (const [unit, length] of steps) {
    if (Math.abs(away) >= length * 0.95) return relative.format(Math.round(away / length), unit);
  }
  return "just now";
}

/** A date with its time, for titles and logs. */
export const moment = (iso: string) =>
  new Date(iso).toLocaleString("en", { dateStyle: "medium", timeStyle: "short" });

/** "news-desk" as "News desk". */
export function words(slug: string): string {
  const text = slug.replace(/[-_]/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Bytes in MB. */
export const megabytes = (bytes: number) => `${(bytes / 1048576).toFixed(bytes < 10485760 ? 1 : 0)} MB`;

const pause = /<break\s+time="?\s*([\d.]+)\s*(ms|s)"?\s*\/?>/gi;
const dense = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/g;

/** What a text says, without its pauses and pronunciations. */
export const bare = (text: string) => text.replace(/<[^>]+>/g, " ").replace(/\[([^\]]+)\]\([^)]*\)/g, "$1").trim();

/** How long a text will be when spoken, as the server reckons. */
export function spoken(text: string, lettersPerSecond: number, speed: number): number {
  let silence = 0;
  for (const [, amount, unit] of text.matchAll(pause)) {
    silence += Number(amount) / (unit === "ms" ? 1000 : 1) || 0;
  }
  const plain = text.replace(pause, " ");
  const signs = plain.match(dense)?.length ?? 0;
  return (plain.trim().length + 2 * signs) / lettersPerSecond / speed + silence;
}
