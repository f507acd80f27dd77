// Whether a part of the page is of the address alone or of its whole entity. Kept in the page's address, so that a link
// shows the same.
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import type { Asked } from "./Subject";

export function OfChoice({ asked }: { asked: Asked }) {
  const { t } = useTranslation("subject");
  const [, setQuery] = useSearchParams();
  if (asked.size < 2) return null;
  return (
    <div className="tabs" role="group" aria-label={t("of.title")}>
      {(["address", "entity"] as const).map((one) => (
        <button
          key={one}
          type="button"
          className="toggle"
          aria-pressed={asked.of === one}
          onClick={() =>
            setQuery(
              (now) => {
                now.set("of", one);
                return now;
              },
              { replace: true, preventScrollReset: true },
            )
          }
        >
          {one === "address" ? t("of.address") : t("of.entity", { count: asked.size })}
        </button>
      ))}
    </div>
  );
}
