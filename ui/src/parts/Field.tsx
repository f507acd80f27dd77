// A labelled input. The label is always visible; help and error are tied to the input for those who hear the page.
import {
  useId,
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
} from "react";

interface Common {
  label: ReactNode;
  help?: ReactNode;
  error?: ReactNode;
}

function Frame({ id, label, help, error, children }: Common & { id: string; children: ReactNode }) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children}
      {help ? (
        <p id={`${id}-help`} className="small muted">
          {help}
        </p>
      ) : null}
      {error ? (
        <p id={`${id}-error`} className="field-error small" role="alert">
          {error}
        </p>
      ) : null}
    </div>
  );
}

function described(id: string, { help, error }: Common) {
  const by = [help ? `${id}-help` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return { "aria-describedby": by || undefined, "aria-invalid": error ? true : undefined };
}

/** One line of text, a date, a number… `ltr` for identifiers. */
export function Field({
  label,
  help,
  error,
  ltr,
  ...input
}: Common & { ltr?: boolean } & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <Frame id={id} label={label} help={help} error={error}>
      <input
        id={id}
        className="input"
        dir={ltr ? "ltr" : "auto"}
        {...described(id, { label, help, error })}
        {...input}
      />
    </Frame>
  );
}

/** Several lines of text. */
export function TextField({
  label,
  help,
  error,
  ltr,
  ...input
}: Common & { ltr?: boolean } & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const id = useId();
  return (
    <Frame id={id} label={label} help={help} error={error}>
      <textarea
        id={id}
        className="input"
        rows={4}
        dir={ltr ? "ltr" : "auto"}
        {...described(id, { label, help, error })}
        {...input}
      />
    </Frame>
  );
}

/** A choice from a short list. */
export function Choice({
  label,
  help,
  error,
  options,
  ...input
}: Common & { options: { value: string; text: string }[] } & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  return (
    <Frame id={id} label={label} help={help} error={error}>
      <select id={id} className="input" {...described(id, { label, help, error })} {...input}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text}
          </option>
        ))}
      </select>
    </Frame>
  );
}

/** A yes or no. */
export function Tick({ label, ...input }: { label: ReactNode } & Omit<InputHTMLAttributes<HTMLInputElement>, "type">) {
  return (
    <label className="tick">
      <input type="checkbox" {...input} />
      <span>{label}</span>
    </label>
  );
}
