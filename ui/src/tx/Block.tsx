// A block.
import { useTranslation } from "react-i18next";
import { Page } from "../parts";

export default function Block() {
  const { t } = useTranslation("tx");
  return (
    <Page title={t("block_title")}>
      <p className="muted">{t("common:not_built")}</p>
    </Page>
  );
}
