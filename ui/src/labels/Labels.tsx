// Labels.
import { useTranslation } from "react-i18next";
import { Page } from "../parts";

export default function Labels() {
  const { t } = useTranslation("labels");
  return (
    <Page title={t("title")}>
      <p className="muted">{t("common:not_built")}</p>
    </Page>
  );
}
