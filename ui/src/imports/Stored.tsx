// What the store holds of what was imported: labels, lists, prices, records.
import { useTranslation } from "react-i18next";
import { useGet } from "../api/query";
import { Num, When } from "../parts/bits";
import { DataTable } from "../parts/DataTable";
import { Panel } from "../parts/Page";
import { Read } from "../parts/states";

export function Stored() {
  const { t } = useTranslation("imports");
  const prices = useGet("/v1/prices/status");
  const status = useGet("/v1/status");
  return (
    <div className="two">
      <Panel title={t("stored.labels")}>
        <Read of={status}>
          {(data) => (
            <dl className="facts">
              <dt>{t("stored.packs")}</dt>
              <dd>
                <Num n={data.labels.packs} />
              </dd>
              <dt>{t("stored.inUse")}</dt>
              <dd>
                <Num n={data.labels.labels} />
              </dd>
              <dt>{t("stored.quarantined")}</dt>
              <dd>
                <Num n={data.labels.quarantined} />
              </dd>
            </dl>
          )}
        </Read>
      </Panel>
      <Panel title={t("stored.prices")}>
        <Read of={prices}>
          {(data) => (
            <div className="stack">
              <DataTable
                caption={t("stored.prices")}
                dense
                rows={data.assets}
                rowKey={(row) => row.asset}
                empty={<p className="muted">{t("stored.noPrices")}</p>}
                columns={[
                  { id: "asset", head: t("stored.asset"), isName: true, cell: (row) => <bdi>{row.asset}</bdi> },
                  { id: "days", head: t("stored.days"), align: "end", cell: (row) => <Num n={row.days} /> },
                  { id: "from", head: t("stored.from"), cell: (row) => <When at={row.from} day /> },
                  { id: "to", head: t("stored.to"), cell: (row) => <When at={row.to} day /> },
                  { id: "missing", head: t("stored.missing"), align: "end", cell: (row) => <Num n={row.missing} /> },
                ]}
              />
              <p className="small muted">{t(`stored.builtin.${data.builtin}`)}</p>
            </div>
          )}
        </Read>
      </Panel>
    </div>
  );
}
