// The accounts that act as one by paying at the same deposit address of a service, and the steps that tie two of them.
// It is a lead: a household or a debt looks the same, and the rate at which the rule errs stands beside it.
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { useGet } from "../api/query";
import { AddressChip, DataTable, Dialog, Empty, Icon, Nothing, Panel, Read, TxChip, Why } from "../parts";
import type { Asked } from "./Subject";

const PAGE = 25;

type Entity = Schemas["AccountEntityView"];

export function AccountEntity({ asked }: { asked: Asked }) {
  const { t } = useTranslation(["accounts", "subject"]);
  const [offset, setOffset] = useState(0);
  const entity = useGet("/v1/entity/{address}", {
    path: { address: asked.address },
    query: { chain: asked.chain, limit: PAGE, offset: offset || undefined },
    keep: true,
  });
  return (
    <Panel id="entity" title={t("subject:part.entity")} note={t("entity_note")}>
      <Read of={entity} missing={<Empty>{t("entity_none")}</Empty>}>
        {(data) =>
          "members" in data && "covered" in data ? (
            <Body entity={data as Entity} path={entity.path} asked={asked} setOffset={setOffset} />
          ) : (
            <Empty>{t("no_account")}</Empty>
          )
        }
      </Read>
    </Panel>
  );
}

function Body({
  entity,
  path,
  asked,
  setOffset,
}: {
  entity: Entity;
  path: string;
  asked: Asked;
  setOffset: (offset: number) => void;
}) {
  const { t } = useTranslation(["accounts", "subject"]);
  const [other, setOther] = useState<string | null>(null);
  return (
    <div className="stack">
      <p className="row">
        <span>
          {entity.deposit_at ? t("entity_deposit") : t("entity_lead", { count: entity.size })}{" "}
          {entity.as_of_block === null ? null : t("subject:entity.as_of", { height: entity.as_of_block })}
        </span>
        <Why
          label={t("subject:part.entity")}
          of={() => ({
            statement: t("entity_statement", { address: asked.address, count: entity.size }),
            chain: asked.chain,
            text: t("entity_why", { rules: entity.heuristics }),
            txids: entity.deposit_at ? [entity.deposit_at.since] : [],
            truncated: entity.members_truncated,
            snapshot: entity.snapshot,
            path,
            answer: entity,
          })}
        />
      </p>
      {entity.labels.length > 0 ? (
        <p>
          {t("labels")} <bdi>{entity.labels.join(" · ")}</bdi>
        </p>
      ) : null}
      <DataTable
        dense
        caption={t("entity_members")}
        rows={entity.members}
        rowKey={(member) => member}
        columns={[
          {
            id: "account",
            head: t("account"),
            isName: true,
            cell: (member) => <AddressChip address={member} chain={asked.chain} full />,
          },
          {
            id: "same",
            head: t("subject:entity.same"),
            cell: (member) =>
              member.toLowerCase() === asked.address.toLowerCase() ? (
                <span className="muted">{t("itself")}</span>
              ) : (
                <button type="button" className="button" onClick={() => setOther(member)}>
                  <Icon name="why" />
                  {t("subject:entity.same_why")}
                </button>
              ),
          },
        ]}
      />
      {entity.size > PAGE ? (
        <div className="row no-print">
          <button
            type="button"
            className="button"
            disabled={entity.offset === 0}
            onClick={() => setOffset(Math.max(0, entity.offset - PAGE))}
          >
            {t("subject:before")}
          </button>
          <button
            type="button"
            className="button"
            disabled={!entity.members_truncated}
            onClick={() => setOffset(entity.offset + PAGE)}
          >
            {t("subject:after")}
          </button>
        </div>
      ) : null}
      {other ? <Explain a={asked.address} b={other} chain={asked.chain} onClose={() => setOther(null)} /> : null}
    </div>
  );
}

/** The deposit addresses that both pay, with the transactions that show it. */
function Explain({ a, b, chain, onClose }: { a: string; b: string; chain: string; onClose: () => void }) {
  const { t } = useTranslation(["accounts", "subject"]);
  const explain = useGet("/v1/explain", { query: { a, b, chain } });
  return (
    <Dialog side isOpen onClose={onClose} title={t("subject:entity.explain")}>
      <Read of={explain}>
        {(data) => {
          const steps = "steps" in data ? (data.steps as Schemas["AccountStepView"][]) : [];
          return (
            <DataTable
              dense
              caption={t("subject:entity.steps")}
              rows={steps}
              rowKey={(_, i) => i}
              empty={<Empty>{t("subject:entity.not_linked", { a, b })}</Empty>}
              columns={[
                {
                  id: "deposit",
                  head: t("deposit_address"),
                  isName: true,
                  cell: (step) => (step.deposit ? <AddressChip address={step.deposit} chain={chain} /> : <Nothing />),
                },
                { id: "a", head: t("paid_by"), cell: (step) => <Sent of={step.of_a} account={step.a} chain={chain} /> },
                { id: "b", head: t("and_by"), cell: (step) => <Sent of={step.of_b} account={step.b} chain={chain} /> },
              ]}
            />
          );
        }}
      </Read>
    </Dialog>
  );
}

function Sent({ of, account, chain }: { of: Schemas["AccountStepView"]["of_a"]; account: string; chain: string }) {
  return (
    <span className="sums">
      <AddressChip address={account} chain={chain} copy={false} />
      {of ? <TxChip txid={of.sent} chain={chain} copy={false} /> : null}
      {of ? <TxChip txid={of.passed_on} chain={chain} copy={false} /> : null}
    </span>
  );
}
