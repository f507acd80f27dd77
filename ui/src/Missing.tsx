// There is no page at this address.
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Empty, Page } from "./parts";

export default function Missing() {
  const { t } = useTranslation();
  return (
    <Page title={t("missing.title")}>
      <Empty action={<Link to="/">{t("missing.home")}</Link>}>{t("missing.text")}</Empty>
    </Page>
  );
}
