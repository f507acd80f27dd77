// One campaign.
import { useTranslation } from "react-i18next";
import { Page } from "../parts";

export default function Campaign() {
  const { t } = useTranslation("campaigns");
  return (
    <Page title={t("campaign_title")}>
      <p className="muted">{t("common:not_built")}</p>
    </Page>
  );
}
