// Differences of two texts, line by line, with a sign beside the colour.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { diffLines, hunksOf } from "./text";

export function DiffView({ before, after }: { before: string; after: string }) {
  const { t } = useTranslation("policies");
  const shown = useMemo(() => hunksOf(diffLines(before, after)), [before, after]);
  if (shown.length === 0) return <p className="muted">{t("diff.none")}</p>;
  return (
    <div className="table-scroll" role="region" aria-label={t("diff.title")} tabIndex={0}>
      <table className="diff source-text">
        <caption className="hidden-visually">{t("diff.title")}</caption>
        <thead className="hidden-visually">
          <tr>
            <th scope="col">{t("diff.old")}</th>
            <th scope="col">{t("diff.new")}</th>
            <th scope="col">{t("diff.change")}</th>
            <th scope="col">{t("diff.text")}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((line, at) =>
            line === null ? (
              <tr key={at} className="diff-gap">
                <td colSpan={4}>…</td>
              </tr>
            ) : (
              <tr key={at} className={`diff-${line.kind}`}>
                <td>{line.old}</td>
                <td>{line.new}</td>
                <td>
                  <span aria-hidden="true">{line.kind === "added" ? "+" : line.kind === "removed" ? "−" : ""}</span>
                  <span className="hidden-visually">{t(`diff.${line.kind}`)}</span>
                </td>
                <td>
                  <pre>{line.text}</pre>
                </td>
              </tr>
            ),
          )}
        </tbody>
      </table>
    </div>
  );
}
