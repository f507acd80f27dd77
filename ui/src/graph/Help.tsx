// The keys of the board, and what its signs mean.

import { useTranslation } from "react-i18next";
import { Dialog } from "../parts";

const KEYS: readonly (readonly [string, string])[] = [
  ["← → ↑ ↓", "move"],
  ["+", "grow"],
  ["Enter", "grow_with"],
  ["e", "edge"],
  ["Space", "take"],
  ["Shift + ←→↑↓", "extend"],
  ["g", "group"],
  ["o", "open"],
  ["u", "ungroup"],
  ["p", "pin"],
  ["n", "note"],
  ["l", "links"],
  ["t", "tidy"],
  ["f", "fit"],
  ["PageUp / PageDown", "zoom"],
  ["m", "menu"],
  ["Delete", "remove"],
  ["Ctrl + A", "all"],
  ["Ctrl + Z", "undo"],
  ["Ctrl + Y", "redo"],
  ["Esc", "none"],
  ["?", "help"],
];

export function Help({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("graph");
  return (
    <Dialog title={t("help.title")} isOpen={isOpen} onClose={onClose}>
      <div className="stack">
        <p>{t("help.reading")}</p>
        <dl className="graph-keys">
          {KEYS.map(([keys, what]) => (
            <div key={what}>
              <dt>
                <kbd dir="ltr">{keys}</kbd>
              </dt>
              <dd>{t(`help.${what}`)}</dd>
            </div>
          ))}
        </dl>
        <p>{t("help.mouse")}</p>
        <p className="muted small">{t("help.limits")}</p>
      </div>
    </Dialog>
  );
}
