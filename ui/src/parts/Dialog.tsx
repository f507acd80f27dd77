// Dialogs: in the middle of the window, or as a panel at its end (`side`). react-aria keeps the focus inside, closes on
// Escape and gives the focus back.
import { useEffect, useRef, type ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Icon } from "./Icon";

export function Dialog({
  title,
  isOpen,
  onClose,
  side = false,
  isFixed = false,
  children,
  foot,
}: {
  title: ReactNode;
  isOpen: boolean;
  onClose: () => void;
  side?: boolean;
  /** Closes only by its own buttons: neither by Escape nor by a click beside it. */
  isFixed?: boolean;
  children: ReactNode;
  foot?: ReactNode;
}) {
  const { t } = useTranslation();
  const overlay = useRef<HTMLDivElement>(null);
  // Escape is heard by what has the focus. For a moment after a dialog above this one was closed, and where what had the focus is gone since
  // its answer came anew, nothing has it: then the uppermost dialog hears it all the same.
  useEffect(() => {
    if (!isOpen || isFixed) return;
    function onKey(event: KeyboardEvent) {
      if (event.key !== "Escape" || event.defaultPrevented || document.activeElement !== document.body) return;
      const open = document.querySelectorAll(".overlay:not([data-exiting])");
      if (open[open.length - 1] === overlay.current) onClose();
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [isOpen, isFixed, onClose]);
  return (
    <ModalOverlay
      ref={overlay}
      className={side ? "overlay overlay-side" : "overlay"}
      isOpen={isOpen}
      onOpenChange={(is) => (is ? undefined : onClose())}
      isDismissable={!isFixed}
      isKeyboardDismissDisabled={isFixed}
    >
      <Modal className={side ? "modal modal-side" : "modal"}>
        <AriaDialog className="dialog">
          <header className="dialog-head">
            <Heading slot="title" level={2}>
              {title}
            </Heading>
            <button type="button" className="icon-button" aria-label={t("close")} onClick={onClose}>
              <Icon name="close" />
            </button>
          </header>
          <div className="dialog-body">{children}</div>
          {foot ? <footer className="dialog-foot">{foot}</footer> : null}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
