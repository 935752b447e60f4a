/** A window over the page: the browser's own dialog, so that focus and Escape behave. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "./icons";

export function Dialog({
  title,
  close,
  wide,
  children,
}: {
  title: string;
  close: () => void;
  wide?: boolean;
  children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class={wide ? "dialog wide" : "dialog"}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => event.target === dialog.current && close()}
    >
      <div class="dialog-inner">
        <header class="dialog-head">
          <h2>{title}</h2>
          <button type="button" class="icon-button" aria-label="Close" onClick={close}>
            <Icon name="cross" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}

/** Ask before something cannot be undone. */
export function Confirm({
  title,
  text,
  action,
  close,
  act,
}: {
  title: string;
  text: string;
  action: string;
  close: () => void;
  act: () => void;
}) {
  return (
    <Dialog title={title} close={close}>
      <p class="muted">{text}</p>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={close}>
          Keep
        </button>
        <button
          type="button"
          class="button danger"
          onClick={() => {
            close();
            act();
          }}
        >
          {action}
        </button>
      </div>
    </Dialog>
  );
}
