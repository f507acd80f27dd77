// Screening of names.
import { useTranslation } from "react-i18next";
import { Page } from "../parts";

export default function Names() {
  const { t } = useTranslation("names");
  return (
    <Page title={t("title")}>
      <p className="muted">{t("common:not_built")}</p>
    </Page>
  );
}
