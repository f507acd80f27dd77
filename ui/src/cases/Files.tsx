// Files of the case, kept byte for byte. The SHA-256 is computed here before a file is sent and held against the one the
// service computed, and later against any file that somebody has. A file is only ever downloaded, never opened here.
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { pathOf } from "../api/client";
import { useSession } from "../api/session";
import { digits } from "../format/numbers";
import { Hash, When } from "../parts/bits";
import { DataTable, type Column } from "../parts/DataTable";
import { Dialog } from "../parts/Dialog";
import { FileButton } from "../parts/FileButton";
import { Icon } from "../parts/Icon";
import { Panel } from "../parts/Page";
import { Empty, Read, Trouble } from "../parts/states";
import { useSettings } from "../prefs";
import { Cut, Removing, useAdding } from "./bits";
import { pathOfCase, removeItem, useAttachments, type Attachment } from "./data";
import { canHash, download, FILE_BYTES_MAX, send, sha256 } from "./download";
import { useOne } from "./one";

interface Sending {
  id: number;
  name: string;
  /** Share that was sent, from 0 to 1. */
  part: number;
  error: unknown;
  kept: Attachment | null;
  /** Whether what was kept is what was sent; nothing where this browser computes no hashes. */
  isEqual: boolean | null;
}

export function Files() {
  const { t } = useTranslation("cases");
  const { one, isWriter, nameOf, changed } = useOne();
  const files = useAttachments(one.id);
  const [compared, setCompared] = useState<Attachment | null>(null);
  const { error, run } = useAdding();

  const columns: Column<Attachment>[] = [
    {
      id: "name",
      head: t("attachments.column_name"),
      isName: true,
      sort: (file) => file.name,
      cell: (file) => <bdi className="wraps">{file.name}</bdi>,
    },
    {
      id: "bytes",
      head: t("attachments.column_bytes"),
      align: "end",
      sort: (file) => file.bytes,
      cell: (file) => <Bytes n={file.bytes} />,
    },
    {
      id: "hash",
      head: t("attachments.column_hash"),
      cell: (file) => (
        <dl className="hashes small">
          <dt>{t("report.hash")}</dt>
          <dd>
            <Hash value={file.sha256} />
          </dd>
          <dt>{t("attachments.blake3")}</dt>
          <dd>
            <Hash value={file.blake3} />
          </dd>
        </dl>
      ),
    },
    {
      id: "added",
      head: t("attachments.column_added"),
      sort: (file) => file.created_s,
      cell: (file) => (
        <>
          <When at={file.created_s} />
          <span className="small muted">
            {" "}
            <bdi>{nameOf(file.created_by)}</bdi>
          </span>
        </>
      ),
    },
    {
      id: "do",
      head: t("attachments.column_do"),
      cell: (file) => (
        <div className="row no-print">
          <button
            type="button"
            className="button button-quiet"
            aria-label={t("attachments.download_named", { what: file.name })}
            onClick={() => void run(() => download(pathOfCase(one.id, "attachments", file.id), file.name))}
          >
            <Icon name="download" size={14} /> {t("attachments.download")}
          </button>
          <button
            type="button"
            className="button button-quiet"
            aria-label={t("attachments.compare_named", { what: file.name })}
            onClick={() => setCompared(file)}
          >
            {t("attachments.compare")}
          </button>
          {isWriter ? (
            <Removing
              label={t("page.remove_named", { what: file.name })}
              text={t("page.remove")}
              ask={t("attachments.ask")}
              act={async () => {
                await removeItem(one.id, "attachments", file);
                await changed();
              }}
            />
          ) : null}
        </div>
      ),
    },
  ];
  return (
    <div className="stack">
      {isWriter ? <Upload /> : null}
      <Panel title={t("attachments.title")} note={t("attachments.lead")}>
        {error ? <Trouble error={error} /> : null}
        <Read of={files}>
          {({ rows, cut }) => (
            <>
              <DataTable
                caption={t("attachments.caption")}
                columns={columns}
                rows={rows}
                rowKey={(file) => file.id}
                empty={<Empty>{t("attachments.empty")}</Empty>}
              />
              <Cut is={cut} count={rows.length} />
            </>
          )}
        </Read>
      </Panel>
      {compared ? <Compare file={compared} onClose={() => setCompared(null)} /> : null}
    </div>
  );
}

/** A size in bytes, KiB or MiB, in the words of the language. */
export function Bytes({ n }: { n: number }) {
  const { t } = useTranslation("cases");
  const set = useSettings();
  const [key, value] =
    n < 1024
      ? ["b", String(n)]
      : n < 1024 * 1024
        ? ["kib", (n / 1024).toFixed(1)]
        : ["mib", (n / 1024 / 1024).toFixed(1)];
  return <span className="num">{t(`attachments.bytes_${key}`, { n: digits(value, set) })}</span>;
}

function Upload() {
  const { t } = useTranslation("cases");
  const { one, changed } = useOne();
  const { session } = useSession();
  const input = useRef<HTMLInputElement>(null);
  const [sendings, setSendings] = useState<Sending[]>([]);
  const [isOver, setOver] = useState(false);
  const next = useRef(0);

  const put = async (file: File) => {
    const id = next.current++;
    const set = (some: Partial<Sending>) =>
      setSendings((all) => all.map((one) => (one.id === id ? { ...one, ...some } : one)));
    setSendings((all) => [...all, { id, name: file.name, part: 0, error: null, kept: null, isEqual: null }]);
    try {
      if (file.size > FILE_BYTES_MAX)
        throw new Error(t("attachments.too_large", { name: file.name, max: FILE_BYTES_MAX / 1024 / 1024 }));
      const own = canHash() ? await sha256(file) : null;
      const path = pathOf(pathOfCase(one.id, "attachments"), undefined, { name: file.name });
      const kept = await send<Attachment>(path, file, session.csrf, (part) => set({ part }));
      set({ part: 1, kept, isEqual: own === null ? null : own === kept.sha256 });
      await changed();
    } catch (error) {
      set({ error });
    }
  };
  const putAll = async (list: FileList | null) => {
    // One after the other: the service bounds what one person sends at a time.
    for (const file of [...(list ?? [])]) await put(file);
  };
  return (
    <section
      className={isOver ? "panel stack drop drop-over" : "panel stack drop"}
      aria-label={t("attachments.add")}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void putAll(event.dataTransfer.files);
      }}
    >
      <div className="row">
        <input
          ref={input}
          type="file"
          multiple
          className="hidden-visually"
          tabIndex={-1}
          aria-label={t("attachments.add")}
          onChange={(event) => {
            const { files } = event.target;
            void putAll(files).then(() => {
              if (input.current) input.current.value = "";
            });
          }}
        />
        <button type="button" className="button button-main" onClick={() => input.current?.click()}>
          <Icon name="upload" /> {t("attachments.add")}
        </button>
        <span className="small muted">{t("attachments.limit", { max: FILE_BYTES_MAX / 1024 / 1024 })}</span>
      </div>
      <ul className="plain-list" aria-live="polite">
        {sendings.map((sending) => (
          <li key={sending.id}>
            {sending.kept === null && sending.error === null ? (
              <label className="row">
                {t("attachments.uploading", { name: sending.name })}
                <progress value={sending.part} max={1} />
              </label>
            ) : null}
            {sending.kept ? (
              <div className="stack">
                <p>
                  <bdi className="wraps">{sending.name}</bdi>{" "}
                  <span className="small">
                    SHA-256 <Hash value={sending.kept.sha256} full />
                  </span>
                </p>
                {sending.isEqual === true ? (
                  <p className="small is-same">
                    <Icon name="check" size={14} /> {t("attachments.hash_equal")}
                  </p>
                ) : null}
                {sending.isEqual === false ? <p className="overdue">{t("attachments.hash_differs")}</p> : null}
              </div>
            ) : null}
            {sending.error ? (
              <>
                <p>{t("attachments.failed", { name: sending.name })}</p>
                <Trouble error={sending.error} />
              </>
            ) : null}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Holds a file of this computer against the hash on record. Nothing is sent. */
function Compare({ file, onClose }: { file: Attachment; onClose: () => void }) {
  const { t } = useTranslation("cases");
  const [result, setResult] = useState<string | null>(null);
  const { isBusy, error, run } = useAdding();
  return (
    <Dialog title={t("attachments.compare_named", { what: file.name })} isOpen onClose={onClose}>
      <div className="stack">
        <p>{t("attachments.compare_lead")}</p>
        <p className="small">
          {t("report.hash")} <Hash value={file.sha256} full />
        </p>
        {canHash() ? (
          <FileButton
            label={t("attachments.compare_choose")}
            onFile={(chosen) => {
              setResult(null);
              void run(async () => setResult(await sha256(chosen)));
            }}
          />
        ) : (
          <p>{t("attachments.unavailable")}</p>
        )}
        <div role="status">
          {isBusy ? t("attachments.compare_working") : null}
          {result === file.sha256 ? (
            <p className="is-same">
              <Icon name="check" size={14} /> {t("attachments.compare_same")}
            </p>
          ) : null}
          {result !== null && result !== file.sha256 ? (
            <p className="overdue wraps">{t("attachments.compare_differs", { hash: result })}</p>
          ) : null}
        </div>
        {error ? <Trouble error={error} /> : null}
      </div>
    </Dialog>
  );
}
