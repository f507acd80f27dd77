// A subject.
import { useTranslation } from "react-i18next";
import { Page } from "../parts";

export default function Subject() {
  const { t } = useTranslation("subject");
  return (
    <Page title={t("title")}>
      <p className="muted">{t("common:not_built")}</p>
    </Page>
  );
}
