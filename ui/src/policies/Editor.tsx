// A plain text editor for a policy: numbers of lines beside it, and the line of an error marked. A native text area on purpose: it is read aloud,
// undone, searched and translated by what people have, and adds nothing to the bundle.
import { useId, useRef } from "react";
import { useTranslation } from "react-i18next";

export function Editor({
  label,
  value,
  onChange,
  errorLine,
  error,
}: {
  label: string;
  value: string;
  onChange: (text: string) => void;
  errorLine: number | null;
  error: string | null;
}) {
  const { t } = useTranslation("policies");
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLPreElement>(null);
  const lines = value.split("\n");
  const goTo = (line: number) => {
    const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    area.current?.focus();
    area.current?.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
    if (area.current) area.current.scrollTop = Math.max(0, (line - 4) * 20);
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="editor">
        <pre className="editor-gutter source-text" aria-hidden="true" ref={gutter}>
          {lines.map((_, at) => (
            <span key={at} className={at + 1 === errorLine ? "is-wrong" : undefined}>
              {`${at + 1}\n`}
            </span>
          ))}
        </pre>
        <textarea
          id={id}
          ref={area}
          className="source-text editor-text"
          dir="ltr"
          spellCheck={false}
          wrap="off"
          rows={24}
          value={value}
          aria-invalid={error ? true : undefined}
          aria-describedby={error ? `${id}-error` : undefined}
          onChange={(event) => onChange(event.target.value)}
          onScroll={(event) => {
            if (gutter.current) gutter.current.scrollTop = event.currentTarget.scrollTop;
          }}
        />
      </div>
      {error ? (
        <p id={`${id}-error`} className="field-error" role="alert">
          <bdi dir="auto">{error}</bdi>{" "}
          {errorLine !== null ? (
            <button type="button" className="button" onClick={() => goTo(errorLine)}>
              {t("editor.goTo", { line: errorLine })}
            </button>
          ) : null}
        </p>
      ) : null}
    </div>
  );
}
