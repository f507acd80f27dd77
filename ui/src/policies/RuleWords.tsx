// A rule's condition drawn as nested lines; the exact form can be opened beside it.
import { useTranslation } from "react-i18next";
import { essence } from "./read";
import { conditionWords, weightWords, type Line, type Say } from "./words";

export function Words({ when, effect }: { when: unknown; effect: unknown }) {
  const { t } = useTranslation(["policies", "common"]);
  const say: Say = (key, more) => t(key, more ?? {});
  const tree = when === null || when === undefined ? null : conditionWords(when, say);
  const weight = weightWords(effect, say);
  const isTold = tree !== null || when === null || when === undefined;
  return (
    <div className="stack rule-words">
      {weight ? <p>{weight}</p> : null}
      {tree ? <Lines of={tree} /> : null}
      <details open={!isTold}>
        <summary className="small muted">{t("rules.show")}</summary>
        <pre className="source-text policy-when" dir="ltr">
          {JSON.stringify(essence(when ?? effect), null, 1)}
        </pre>
      </details>
    </div>
  );
}

function Lines({ of }: { of: Line }) {
  return (
    <div>
      <span>{of.text}</span>
      {of.under.length > 0 ? (
        <ul className="rule-lines">
          {of.under.map((one, i) => (
            <li key={i}>
              <Lines of={one} />
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
