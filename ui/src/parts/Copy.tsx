// A small button that copies an identifier. Says that it did, also to those who hear the page.
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "./Icon";

export function Copy({ text }: { text: string }) {
  const { t } = useTranslation();
  const [isDone, setDone] = useState(false);
  useEffect(() => {
    if (!isDone) return;
    const timer = setTimeout(() => setDone(false), 1500);
    return () => clearTimeout(timer);
  }, [isDone]);
  return (
    <button
      type="button"
      className="icon-button copy no-print"
      aria-label={isDone ? t("copied") : t("copy_of", { text })}
      title={isDone ? t("copied") : t("copy")}
      onClick={() => {
        void copyText(text).then(setDone);
      }}
    >
      <Icon name={isDone ? "check" : "copy"} />
    </button>
  );
}

/** Copies text; false where the browser does not let it. The clipboard needs https or localhost; the older way does not. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const isDone = document.execCommand("copy");
    area.remove();
    return isDone;
  }
}
