// Official patterns.
import { useTranslation } from "react-i18next";
import { Page } from "../parts";

export default function Patterns() {
  const { t } = useTranslation("patterns");
  return (
    <Page title={t("title")}>
      <p className="muted">{t("common:not_built")}</p>
    </Page>
  );
}
