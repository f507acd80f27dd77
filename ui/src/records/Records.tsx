// Official records.
import { useTranslation } from "react-i18next";
import { Page } from "../parts";

export default function Records() {
  const { t } = useTranslation("records");
  return (
    <Page title={t("title")}>
      <p className="muted">{t("common:not_built")}</p>
    </Page>
  );
}
