// What a person has set for this browser: language, digits, theme. Kept in the browser's own storage; the language is
// also kept with the user where there is one. A small store of its own, because every part listens to it.
import { useSyncExternalStore } from "react";

export type Language = "en" | "ar" | "fr";
export type Theme = "system" | "light" | "dark";
/** `auto`: the digits of the language; `latn`: 123; `arab`: ١٢٣. */
export type Digits = "auto" | "latn" | "arab";

/** How close rows stand. */
export type Density = "normal" | "dense";
/** Instants in UTC, or in this machine's zone with its distance from UTC beside them. Days stay days of UTC. */
export type Zone = "utc" | "local";

export interface Settings {
  language: Language;
  theme: Theme;
  digits: Digits;
  density: Density;
  zone: Zone;
  /** The chain that a page asks about where nothing says which; empty: the first that the store has. */
  chain: string;
}

export const LANGUAGES: { code: Language; name: string; dir: "ltr" | "rtl" }[] = [
  { code: "en", name: "English", dir: "ltr" },
  { code: "ar", name: "العربية", dir: "rtl" },
  { code: "fr", name: "Français", dir: "ltr" },
];

const KEY = "athar.settings";
const listeners = new Set<() => void>();
let current: Settings = load();

function isLanguage(value: unknown): value is Language {
  return LANGUAGES.some((l) => l.code === value);
}

function load(): Settings {
  const asked = navigator.languages.map((l) => l.slice(0, 2)).find((l) => isLanguage(l));
  const start: Settings = {
    language: isLanguage(asked) ? asked : "en",
    theme: "system",
    digits: "auto",
    density: "normal",
    zone: "utc",
    chain: "",
  };
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    if (typeof kept === "object" && kept !== null) {
      const { language, theme, digits, density, zone, chain } = kept as Record<string, unknown>;
      if (isLanguage(language)) start.language = language;
      if (theme === "light" || theme === "dark") start.theme = theme;
      if (digits === "latn" || digits === "arab") start.digits = digits;
      if (density === "dense") start.density = density;
      if (zone === "local") start.zone = zone;
      if (typeof chain === "string" && /^[a-z0-9-]{0,40}$/.test(chain)) start.chain = chain;
    }
  } catch {
    // Storage that is closed or damaged: the defaults serve.
  }
  return start;
}

/** The settings as they are now. */
export function settings(): Settings {
  return current;
}

/** Changes some of them, keeps them and tells everybody. */
export function change(some: Partial<Settings>): void {
  current = { ...current, ...some };
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // Not kept; still in force on this page.
  }
  apply();
  for (const listener of listeners) listener();
}

/** Listens to changes; gives back how to stop. */
export function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The settings, for a component. */
export function useSettings(): Settings {
  return useSyncExternalStore(listen, settings);
}

const prefersDark = () => window.matchMedia("(prefers-color-scheme: dark)");
let isPrinting = false;

/** Writes language, direction and theme on the document. Paper is always light. */
export function apply(): void {
  const root = document.documentElement;
  const isDark = !isPrinting && (current.theme === "dark" || (current.theme === "system" && prefersDark().matches));
  root.dataset.theme = isDark ? "dark" : "light";
  root.dataset.density = current.density;
  root.lang = current.language;
  root.dir = dirOf(current.language);
}

/** Applies the settings now and whenever the system's preference or the printing of the page changes. */
export function watchSystem(): void {
  apply();
  prefersDark().addEventListener("change", apply);
  const printing = (is: boolean) => () => {
    isPrinting = is;
    apply();
  };
  window.addEventListener("beforeprint", printing(true));
  window.addEventListener("afterprint", printing(false));
}

/** The chain to ask about where nothing says which: that of the settings, if the service knows it, else its first. */
export function chainOf({ chain }: Settings, chains: readonly string[]): string {
  return chains.includes(chain) ? chain : (chains[0] ?? "bitcoin");
}

/** The direction in which a language is written. */
export function dirOf(language: Language): "ltr" | "rtl" {
  return LANGUAGES.find((l) => l.code === language)?.dir ?? "ltr";
}

/** The numbering system in force: Unicode's `latn` or `arab`. */
export function digitsOf({ language, digits }: Settings): "latn" | "arab" {
  return digits === "auto" ? (language === "ar" ? "arab" : "latn") : digits;
}
