// The notice that another team looks at the same subject. It says as much as the other case discloses, and no more.
import { useTranslation } from "react-i18next";
import type { AlsoIn, SubjectBody } from "../api/contract";
import { middleCut } from "../format/bidi";
import { whole } from "../format/numbers";
import { Icon } from "../parts/Icon";
import { useSettings } from "../prefs";

export interface Also {
  subject: Pick<SubjectBody, "kind" | "chain" | "value">;
  also_in: AlsoIn[];
}

export function AlsoInNotice({ also, onClose }: { also: Also[]; onClose?: () => void }) {
  const { t } = useTranslation("cases");
  const set = useSettings();
  if (also.length === 0) return null;
  return (
    <section className="notice deconfliction" role="alert">
      <h3>
        <Icon name="people" /> {t("also.title")}
      </h3>
      <p>{t("also.lead")}</p>
      <ul className="plain-list">
        {also.flatMap(({ subject, also_in }) =>
          also_in.map((other, at) => {
            const what = subject.kind === "person" ? subject.value : middleCut(subject.value);
            const contact = other.contact || t("also.nobody");
            const key =
              other.title !== null && other.case !== null
                ? "also.row_title"
                : other.contact
                  ? "also.row_contact"
                  : "also.row_bare";
            return (
              <li key={`${subject.kind}-${subject.value}-${at}`}>
                {t(key, { what, contact, title: other.title, case: whole(other.case ?? 0, set) })}
              </li>
            );
          }),
        )}
      </ul>
      {onClose ? (
        <div className="row">
          <button type="button" className="button" onClick={onClose}>
            {t("page.close")}
          </button>
        </div>
      ) : null}
    </section>
  );
}
