// Official lists.
import { useTranslation } from "react-i18next";
import { Page } from "../parts";

export default function Lists() {
  const { t } = useTranslation("lists");
  return (
    <Page title={t("title")}>
      <p className="muted">{t("common:not_built")}</p>
    </Page>
  );
}
