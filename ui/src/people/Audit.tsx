// The audit log.
import { useTranslation } from "react-i18next";
import { Page } from "../parts";

export default function Audit() {
  const { t } = useTranslation("people");
  return (
    <Page title={t("audit_title")}>
      <p className="muted">{t("common:not_built")}</p>
    </Page>
  );
}
