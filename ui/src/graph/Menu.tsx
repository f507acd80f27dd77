// The menu at the pointer: what can be done to what is chosen. Arrow keys, Enter and Escape; the focus comes back to the board.

import { useEffect, useRef, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Act } from "./Canvas";

const ACTS: readonly Act[] = [
  "grow",
  "grow_with",
  "links",
  "entities",
  "group",
  "open",
  "ungroup",
  "pin",
  "note",
  "remove",
];

export function Menu({
  at,
  onAct,
  onClose,
}: {
  at: { readonly x: number; readonly y: number };
  onAct: (act: Act) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation("graph");
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector("button")?.focus();
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    const all = [...(list.current?.querySelectorAll("button") ?? [])];
    const index = all.findIndex((button) => button === document.activeElement);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      all[(index + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length]?.focus();
    } else if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      onClose();
    }
  };
  return (
    <>
      <div className="graph-menu-back" aria-hidden="true" onPointerDown={onClose} />
      <div
        ref={list}
        className="graph-menu"
        role="menu"
        aria-label={t("menu")}
        tabIndex={-1}
        onKeyDown={onKeyDown}
        style={{ left: Math.min(at.x, window.innerWidth - 240), top: Math.min(at.y, window.innerHeight - 340) }}
      >
        {ACTS.map((act) => (
          <button
            key={act}
            type="button"
            role="menuitem"
            tabIndex={-1}
            onClick={() => {
              onClose();
              onAct(act);
            }}
          >
            {t(`act.${act}`)}
          </button>
        ))}
      </div>
    </>
  );
}
