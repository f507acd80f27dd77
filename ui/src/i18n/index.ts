// The languages of the application. One file of texts for each language and folder of pages (a namespace), loaded when
// a page asks for it. What French lacks is told in English. Figures in a text go through `num` and `money`, names
// through `iso`, identifiers through `ltr`, so that a sentence in either direction keeps them whole.
import i18n, { type BackendModule, type ReadCallback } from "i18next";
import { initReactI18next } from "react-i18next";
import { isolate, ltr } from "../format/bidi";
import { whole } from "../format/numbers";
import { listen, settings } from "../prefs";

const files = import.meta.glob<{ default: Record<string, unknown> }>("./{en,ar,fr}/*.json");

const backend: BackendModule = {
  type: "backend",
  init: () => undefined,
  read(language: string, namespace: string, done: ReadCallback) {
    const load = files[`./${language}/${namespace}.json`];
    if (!load) {
      done(null, {});
      return;
    }
    load().then(
      (file) => done(null, file.default),
      (error: unknown) => done(error as Error, null),
    );
  },
};

/** Starts the texts; resolves when those of the shell and of these namespaces are there. */
export async function start(first: string[] = []): Promise<void> {
  await i18n
    .use(backend)
    .use(initReactI18next)
    .init({
      lng: settings().language,
      fallbackLng: "en",
      ns: ["common", ...first],
      defaultNS: "common",
      fallbackNS: "common",
      // React escapes what it draws; escaping twice would show entities.
      interpolation: { escapeValue: false },
      react: { useSuspense: true },
    });
  i18n.services.formatter?.add("num", (value: unknown) => ltr(whole(value as number, settings())));
  i18n.services.formatter?.add("iso", (value: unknown) => isolate(String(value)));
  i18n.services.formatter?.add("ltr", (value: unknown) => ltr(String(value)));
  listen(() => {
    if (i18n.language !== settings().language) void i18n.changeLanguage(settings().language);
  });
}

export default i18n;
