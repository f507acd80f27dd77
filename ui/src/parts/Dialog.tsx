// Dialogs: in the middle of the window, or as a panel at its end (`side`). react-aria keeps the focus inside, closes on
// Escape and gives the focus back.
import type { ReactNode } from "react";
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
  return (
    <ModalOverlay
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
