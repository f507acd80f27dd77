// Who works on the case. Owners and supervisors change it; a case always has an owner.
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../api/client";
import type { Member } from "../api/contract";
import { useSession } from "../api/session";
import { DataTable, type Column } from "../parts/DataTable";
import { Choice } from "../parts/Field";
import { Panel } from "../parts/Page";
import { Trouble } from "../parts/states";
import { useAdding } from "./bits";
import { pathOfCase, ROLES, useUsers } from "./data";
import { useOne } from "./one";

export function Members() {
  const { t } = useTranslation("cases");
  const { can } = useSession();
  const { one, changed, nameOf } = useOne();
  const { isBusy, error, run } = useAdding();
  const mayChange = can("case_write") && (one.role === "owner" || can("supervise"));
  const isLast = (member: Member) =>
    member.role === "owner" && one.members.filter((each) => each.role === "owner").length === 1;
  const set = (user: Member["user"], role: string) =>
    run(async () => {
      await call("PUT", pathOfCase(one.id, "members", user), { body: { role } });
      await changed();
    });
  const takeOut = (user: Member["user"]) =>
    run(async () => {
      await call("DELETE", pathOfCase(one.id, "members", user));
      await changed();
    });
  const called = (member: Member) => member.display || nameOf(member.user);
  const columns: Column<Member>[] = [
    { id: "who", head: t("members.user"), isName: true, sort: called, cell: (member) => <bdi>{called(member)}</bdi> },
    {
      id: "role",
      head: t("members.role"),
      cell: (member) =>
        mayChange && !isLast(member) ? (
          <select
            className="input input-small"
            aria-label={t("members.role_of", { who: called(member) })}
            value={member.role}
            disabled={isBusy}
            onChange={(event) => void set(member.user, event.target.value)}
          >
            {ROLES.map((role) => (
              <option key={role} value={role}>
                {t(`role.${role}`)}
              </option>
            ))}
          </select>
        ) : (
          <>
            {t(`role.${member.role}`)}{" "}
            {mayChange && isLast(member) ? <span className="small muted">{t("members.last_owner")}</span> : null}
          </>
        ),
    },
    {
      id: "note",
      head: t("members.may"),
      cell: (member) => <span className="small muted">{t(`role_note.${member.role}`)}</span>,
    },
    ...(mayChange
      ? [
          {
            id: "do",
            head: t("subjects.column_do"),
            cell: (member: Member) =>
              isLast(member) ? null : (
                <button
                  type="button"
                  className="button button-quiet"
                  aria-label={t("members.remove", { who: called(member) })}
                  disabled={isBusy}
                  onClick={() => void takeOut(member.user)}
                >
                  {t("members.remove_short")}
                </button>
              ),
          },
        ]
      : []),
  ];
  return (
    <div className="stack">
      {mayChange ? <Add isBusy={isBusy} onAdd={set} /> : null}
      <Panel title={t("members.title")} note={t("members.lead")}>
        {error ? <Trouble error={error} /> : null}
        <DataTable
          caption={t("members.caption")}
          columns={columns}
          rows={one.members}
          rowKey={(member) => member.user}
        />
      </Panel>
    </div>
  );
}

function Add({ isBusy, onAdd }: { isBusy: boolean; onAdd: (user: number, role: string) => Promise<boolean> }) {
  const { t } = useTranslation("cases");
  const { one } = useOne();
  const users = useUsers();
  const [user, setUser] = useState("");
  const [role, setRole] = useState<Member["role"]>("editor");
  const others = (users.data?.users ?? []).filter(
    (each) => !each.disabled && !one.members.some((member) => member.user === each.id),
  );
  const add = async (event: FormEvent) => {
    event.preventDefault();
    if (await onAdd(Number(user), role)) setUser("");
  };
  return (
    <form className="panel" onSubmit={(event) => void add(event)}>
      <div className="filters">
        <Choice
          label={t("members.user")}
          options={[
            { value: "", text: t("members.choose") },
            ...others.map((each) => ({ value: String(each.id), text: each.display || each.name })),
          ]}
          value={user}
          onChange={(event) => setUser(event.target.value)}
        />
        <Choice
          label={t("members.role")}
          options={ROLES.map((each) => ({ value: each, text: t(`role.${each}`) }))}
          value={role}
          onChange={(event) => setRole(event.target.value as Member["role"])}
        />
        <button type="submit" className="button button-main" disabled={isBusy || user === ""}>
          {t("members.add")}
        </button>
      </div>
    </form>
  );
}
