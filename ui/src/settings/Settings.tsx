// Settings of this browser, the keys of the application, and what the store holds: chains and how far they reach, entities, labels, prices,
// versions and health.
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useGet, useRead } from "../api/query";
import { call } from "../api/client";
import { useSession } from "../api/session";
import { bytes, moment, whole } from "../format/numbers";
import { Hash, Num, When } from "../parts/bits";
import { DataTable } from "../parts/DataTable";
import { Choice } from "../parts/Field";
import { Page, Panel } from "../parts/Page";
import { Read } from "../parts/states";
import { Why } from "../parts/Why";
import {
  change,
  LANGUAGES,
  useSettings,
  type Density,
  type Digits,
  type Language,
  type Theme,
  type Zone,
} from "../prefs";
import "../theme/pages.css";

export default function Settings() {
  const { t } = useTranslation("settings");
  return (
    <Page title={t("title")}>
      <Looks />
      <Keys />
      <Store />
    </Page>
  );
}

function Looks() {
  const { t } = useTranslation("settings");
  const set = useSettings();
  const { session } = useSession();
  const setLanguage = (language: Language) => {
    change({ language });
    // Kept with the user where there is one; where that fails, it holds in this browser all the same.
    if (session.mode === "team" && session.user)
      void call("POST", "/v1/session/language", { body: { language } }).catch(() => undefined);
  };
  const now = Math.floor(Date.now() / 60_000) * 60;
  return (
    <Panel title={t("looks")} note={t("looksNote")}>
      <div className="three">
        <Choice
          label={t("language")}
          help={set.language === "fr" ? t("french") : undefined}
          value={set.language}
          onChange={(event) => setLanguage(event.target.value as Language)}
          options={LANGUAGES.map((language) => ({ value: language.code, text: language.name }))}
        />
        <Choice
          label={t("digits")}
          help={`${whole(1234567, set)}`}
          value={set.digits}
          onChange={(event) => change({ digits: event.target.value as Digits })}
          options={(["auto", "latn", "arab"] as const).map((each) => ({ value: each, text: t(`digitsName.${each}`) }))}
        />
        <Choice
          label={t("theme")}
          value={set.theme}
          onChange={(event) => change({ theme: event.target.value as Theme })}
          options={(["system", "light", "dark"] as const).map((each) => ({
            value: each,
            text: t(`themeName.${each}`),
          }))}
        />
        <Choice
          label={t("density")}
          value={set.density}
          onChange={(event) => change({ density: event.target.value as Density })}
          options={(["normal", "dense"] as const).map((each) => ({ value: each, text: t(`densityName.${each}`) }))}
        />
        <Choice
          label={t("zone")}
          help={`${moment(now, set)} · ${t("zoneHint")}`}
          value={set.zone}
          onChange={(event) => change({ zone: event.target.value as Zone })}
          options={(["utc", "local"] as const).map((each) => ({ value: each, text: t(`zoneName.${each}`) }))}
        />
        <Choice
          label={t("chain")}
          help={t("chainHint")}
          value={session.chains.includes(set.chain) ? set.chain : ""}
          onChange={(event) => change({ chain: event.target.value })}
          options={[
            { value: "", text: t("chainFirst") },
            ...session.chains.map((chain) => ({
              value: chain,
              text: t(`common:chain.${chain}`, { defaultValue: chain }),
            })),
          ]}
        />
      </div>
      <p className="small muted">{t("identifiers")}</p>
    </Panel>
  );
}

function Keys() {
  const { t } = useTranslation("settings");
  const rows: [string, string][] = [
    ["/", t("key.search")],
    ["?", t("key.help")],
    ["Esc", t("key.close")],
    ["J K", t("key.alerts")],
  ];
  return (
    <Panel title={t("keys")}>
      <DataTable
        caption={t("keys")}
        dense
        rows={rows}
        rowKey={([key]) => key}
        columns={[
          { id: "key", head: t("keyHead"), isName: true, cell: ([key]) => <kbd dir="ltr">{key}</kbd> },
          { id: "does", head: t("doesHead"), cell: ([, does]) => does },
        ]}
      />
      <p className="small">
        <Link to="/alerts">{t("toAlerts")}</Link>
      </p>
    </Panel>
  );
}

interface Health {
  status: string;
  program: string;
}

function Store() {
  const { t } = useTranslation("settings");
  const set = useSettings();
  const { session } = useSession();
  const status = useGet("/v1/status", { every: 60_000 });
  const prices = useGet("/v1/prices/status");
  const health = useRead<Health>("/health", { every: 60_000 });
  return (
    <>
      <Panel title={t("store")} note={t("storeNote")}>
        <Read of={status}>
          {(data) => (
            <div className="stack">
              <dl className="facts">
                <dt>{t("program")}</dt>
                <dd>
                  <bdi dir="ltr">{data.program}</bdi>
                </dd>
                <dt>{t("health")}</dt>
                <dd>
                  {health.data
                    ? t(`healthName.${health.data.status}`, { defaultValue: health.data.status })
                    : health.error
                      ? t("healthName.away")
                      : "…"}
                </dd>
                <dt>{t("mode")}</dt>
                <dd>{t(`modeName.${session.mode}`)}</dd>
                <dt>{t("snapshot")}</dt>
                <dd>
                  <Hash value={data.snapshot} />{" "}
                  <Why
                    label={t("store")}
                    of={{
                      statement: t("storeStatement", {
                        chains: data.chains.map((chain) => `${chain.chain} ${chain.tip_height ?? 0}`).join(", "),
                      }),
                      snapshot: data.snapshot,
                      path: status.path,
                      answer: data,
                    }}
                  />
                </dd>
              </dl>
              <DataTable
                caption={t("chains")}
                showCaption
                rows={data.chains}
                rowKey={(row) => row.chain}
                empty={<p className="muted">{t("noChains")}</p>}
                columns={[
                  {
                    id: "chain",
                    head: t("chain"),
                    isName: true,
                    cell: (row) => (
                      <>
                        <bdi>{row.chain}</bdi> <span className="small muted">{row.network}</span>
                      </>
                    ),
                  },
                  { id: "tip", head: t("tip"), align: "end", cell: (row) => <Num n={row.tip_height} /> },
                  { id: "time", head: t("tipTime"), cell: (row) => <When at={row.tip_time} /> },
                  {
                    id: "hash",
                    head: t("tipHash"),
                    cell: (row) => (row.tip_hash ? <Hash value={row.tip_hash} /> : null),
                  },
                  { id: "blocks", head: t("blocks"), align: "end", cell: (row) => <Num n={row.blocks} /> },
                  { id: "txs", head: t("txs"), align: "end", cell: (row) => <Num n={row.txs} /> },
                  { id: "addresses", head: t("addresses"), align: "end", cell: (row) => <Num n={row.addresses} /> },
                  {
                    id: "bytes",
                    head: t("bytes"),
                    align: "end",
                    cell: (row) => <bdi dir="ltr">{bytes(row.store_bytes, set)}</bdi>,
                  },
                ]}
              />
              {data.accounts && data.accounts.length > 0 ? (
                <DataTable
                  caption={t("accounts")}
                  showCaption
                  rows={data.accounts}
                  rowKey={(row) => row.chain}
                  columns={[
                    {
                      id: "chain",
                      head: t("chain"),
                      isName: true,
                      cell: (row) => (
                        <>
                          <bdi>{row.chain}</bdi> <span className="small muted">{row.network}</span>
                        </>
                      ),
                    },
                    {
                      id: "covered",
                      head: t("coverage"),
                      cell: (row) => (
                        <ul className="plain-list small">
                          {row.covered.blocks.map((part) => (
                            <li key={`${part.from}-${part.to}`}>
                              <Num n={part.from} /> – <Num n={part.to} />
                              {part.tokens_only.length > 0 ? ` (${t("tokensOnly")})` : ""}
                              {part.without_coin ? ` (${t("withoutCoin")})` : ""}
                            </li>
                          ))}
                          {row.covered.more > 0 ? <li>{t("more", { n: row.covered.more })}</li> : null}
                        </ul>
                      ),
                    },
                    { id: "tip", head: t("tip"), align: "end", cell: (row) => <Num n={row.covered.tip_number} /> },
                    { id: "transfers", head: t("transfers"), align: "end", cell: (row) => <Num n={row.transfers} /> },
                    { id: "accounts", head: t("accountsHead"), align: "end", cell: (row) => <Num n={row.accounts} /> },
                    { id: "assets", head: t("assets"), align: "end", cell: (row) => <Num n={row.assets} /> },
                    {
                      id: "bytes",
                      head: t("bytes"),
                      align: "end",
                      cell: (row) => <bdi dir="ltr">{bytes(row.store_bytes, set)}</bdi>,
                    },
                  ]}
                />
              ) : null}
              <div className="three">
                <Facts
                  title={t("entities")}
                  rows={
                    data.entities
                      ? [
                          [
                            t("heuristics"),
                            <bdi
                              key="h"
                              dir="ltr"
                            >{`${data.entities.heuristics} ${data.entities.heuristics_version}`}</bdi>,
                          ],
                          [t("asOf"), <Num key="a" n={data.entities.as_of_height} />],
                          [t("behind"), <Num key="b" n={data.entities.blocks_behind} />],
                          [t("entitiesCount"), <Num key="e" n={data.entities.entities} />],
                          [t("coinjoins"), <Num key="c" n={data.entities.coinjoins} />],
                        ]
                      : [[t("entities"), t("noEntities")]]
                  }
                />
                <Facts
                  title={t("labels")}
                  rows={[
                    [t("packs"), <Num key="p" n={data.labels.packs} />],
                    [t("labels"), <Num key="l" n={data.labels.labels} />],
                    [t("quarantined"), <Num key="q" n={data.labels.quarantined} />],
                    [t("version"), <Hash key="v" value={data.labels.version} />],
                  ]}
                />
                <Facts
                  title={t("prices")}
                  rows={[
                    ...(prices.data?.assets ?? []).map((asset): [string, React.ReactNode] => [
                      asset.asset,
                      <span key={asset.asset}>
                        <When at={asset.from} day /> – <When at={asset.to} day />
                        {asset.missing > 0 ? ` (${t("missingDays", { n: asset.missing })})` : ""}
                      </span>,
                    ]),
                    [t("version"), <Hash key="v" value={data.prices.version} />],
                  ]}
                />
              </div>
            </div>
          )}
        </Read>
      </Panel>
    </>
  );
}

function Facts({ title, rows }: { title: string; rows: [string, React.ReactNode][] }) {
  return (
    <section>
      <h3>{title}</h3>
      <dl className="facts">
        {rows.map(([name, value]) => (
          <FactRow key={name} name={name}>
            {value}
          </FactRow>
        ))}
      </dl>
    </section>
  );
}

function FactRow({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
