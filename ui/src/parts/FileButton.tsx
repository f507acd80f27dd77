// A button that chooses a file. The browser's own control speaks the language of the browser, not that of the page.
import type { ReactNode } from "react";
import { Icon } from "./Icon";

interface Props {
  label: ReactNode;
  accept?: string | undefined;
  /** Whether it is wrong that nothing was chosen. */
  isWrong?: boolean;
  onFile: (file: File) => void;
}

export function FileButton({ label, accept, isWrong, onFile }: Props) {
  return (
    <label className="button file-button">
      <Icon name="upload" /> {label}
      <input
        type="file"
        className="hidden-visually"
        accept={accept}
        aria-invalid={isWrong ? true : undefined}
        onChange={(event) => {
          const file = event.target.files?.[0];
          // so that the same file can be chosen again after it was changed
          event.target.value = "";
          if (file) onFile(file);
        }}
      />
    </label>
  );
}
