// Policies.
import { useTranslation } from "react-i18next";
import { Page } from "../parts";

export default function Policies() {
  const { t } = useTranslation("policies");
  return (
    <Page title={t("title")}>
      <p className="muted">{t("common:not_built")}</p>
    </Page>
  );
}
