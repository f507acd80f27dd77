// Campaigns that published the address: what a pasted address resolves to names them. A campaign is a set of texts and
// addresses; that an address is in one says who published it where, and nothing of who holds it.
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Resolved } from "../api/contract";
import { useGet, useRead } from "../api/query";
import { Dollars, Empty, Loading, Num, Panel, Read, Trouble, When, Why } from "../parts";
import type { Asked } from "./Subject";

export function CampaignsPanel({ asked }: { asked: Asked }) {
  const { t } = useTranslation("subject");
  const found = useRead<Resolved>("/v1/resolve", { query: { q: asked.address, chain: asked.chain } });
  return (
    <Panel id="campaigns" title={t("part.campaigns")} note={t("campaigns.note")}>
      <Read of={found} missing={<Empty>{t("campaigns.none")}</Empty>}>
        {(data) => {
          const ids = [...new Set(data.matches.filter((one) => one.kind === "campaign").map((one) => one.value))];
          return ids.length === 0 ? (
            <Empty>{t("campaigns.none")}</Empty>
          ) : (
            <ul className="stack">
              {ids.map((id) => (
                <li key={id}>
                  <One id={id} address={asked.address} />
                </li>
              ))}
            </ul>
          );
        }}
      </Read>
    </Panel>
  );
}

function One({ id, address }: { id: string; address: string }) {
  const { t } = useTranslation("subject");
  const campaign = useGet("/v1/campaigns/{id}", { path: { id } });
  const data = campaign.data;
  return (
    <div className="stack">
      <p className="row">
        <Link to={`/campaigns/${encodeURIComponent(id)}`} className="chip-label">
          {t("campaigns.one")}{" "}
          <bdi dir="ltr" className="mono">
            {id}
          </bdi>
        </Link>
        {data ? (
          <Why
            label={id}
            of={{
              statement: t("campaigns.statement", { address, id }),
              text: t("campaigns.why"),
              snapshot: data.snapshot,
              path: campaign.path,
              answer: {
                id: data.id,
                addresses: data.addresses,
                received: data.received,
                first_donation: data.first_donation,
                snapshot: data.snapshot,
              },
            }}
          />
        ) : null}
      </p>
      {campaign.isPending ? <Loading /> : null}
      {campaign.error ? <Trouble error={campaign.error} /> : null}
      {data ? (
        <dl className="figures">
          <div>
            <dt>{t("campaigns.addresses")}</dt>
            <dd>
              <Num n={data.addresses.length} />
            </dd>
          </div>
          <div>
            <dt>{t("campaigns.received")}</dt>
            <dd>
              <Dollars usd={data.received.usd} />
            </dd>
          </div>
          <div>
            <dt>{t("campaigns.first")}</dt>
            <dd>
              <When at={data.first_donation?.receipt.time} day />
            </dd>
          </div>
          <div>
            <dt>{t("campaigns.published")}</dt>
            <dd>
              <Num n={data.timeline.length} />
            </dd>
          </div>
        </dl>
      ) : null}
    </div>
  );
}
