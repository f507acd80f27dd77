// One case.
import { useTranslation } from "react-i18next";
import { Page } from "../parts";

export default function Case() {
  const { t } = useTranslation("cases");
  return (
    <Page title={t("case_title")}>
      <p className="muted">{t("common:not_built")}</p>
    </Page>
  );
}
