// The campaigns.
import { useTranslation } from "react-i18next";
import { Page } from "../parts";

export default function Campaigns() {
  const { t } = useTranslation("campaigns");
  return (
    <Page title={t("title")}>
      <p className="muted">{t("common:not_built")}</p>
    </Page>
  );
}
